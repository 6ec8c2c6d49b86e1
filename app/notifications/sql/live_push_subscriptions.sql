{# Those of people whose sign-in is still good: no freeze, no revocation since, and for programs their family of tokens. -#}
SELECT s.id, s.person_id, s.assurance, s.language FROM push_subscription s JOIN account a ON a.person_id = s.person_id
WHERE s.person_id = ANY(CAST(:people AS uuid[])) AND {% include "push_subscription_is_live.sql" %}
ORDER BY s.created_at, s.id
