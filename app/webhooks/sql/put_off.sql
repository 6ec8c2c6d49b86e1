{# The endpoint doesn't answer: all that is due counts as tried. -#}
UPDATE webhook_delivery d SET {% include "next_attempt.sql" %},
    status = CASE WHEN d.attempts >= cardinality(CAST(:waits AS integer[])) THEN 'dead-letter' ELSE 'pending' END
WHERE d.webhook_id = :webhook_id AND d.status = 'pending' AND d.due_at <= :now
