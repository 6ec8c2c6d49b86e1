DELETE FROM push_subscription e WHERE NOT EXISTS (
    SELECT FROM push_subscription s JOIN account a ON a.person_id = s.person_id
    WHERE s.id = e.id AND {% include "push_subscription_is_live.sql" %}
) RETURNING e.id, e.person_id
