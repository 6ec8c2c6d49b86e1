{# What was called is logged; what wasn't called, because the endpoint didn't answer, only counts as tried. -#}
WITH given AS (
    SELECT * FROM jsonb_to_recordset(CAST(:attempts AS jsonb)) AS g (id uuid, event_id uuid, type text, at timestamptz,
        milliseconds integer, status smallint, reason text, answer text, delivered boolean)
),
logged AS (
    INSERT INTO webhook_attempt (id, webhook_id, event_id, type, at, milliseconds, status, reason, answer)
    SELECT g.id, :webhook_id, g.event_id, g.type, g.at, g.milliseconds, g.status, g.reason, g.answer FROM given g
    WHERE g.id IS NOT NULL
)
UPDATE webhook_delivery d SET {% include "next_attempt.sql" %}, status = CASE WHEN g.delivered THEN 'delivered'
    WHEN d.attempts >= cardinality(CAST(:waits AS integer[])) THEN 'dead-letter' ELSE 'pending' END
FROM given g
WHERE d.webhook_id = :webhook_id AND d.event_id = g.event_id AND d.status = 'pending'
