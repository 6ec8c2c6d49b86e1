WITH chosen AS (
    SELECT event_id FROM webhook_delivery WHERE webhook_id = :webhook_id AND status = 'dead-letter'
    ORDER BY position LIMIT :most FOR UPDATE SKIP LOCKED
)
UPDATE webhook_delivery d SET status = 'pending', attempts = 0, created_at = :now, due_at = :now
FROM chosen c WHERE d.webhook_id = :webhook_id AND d.event_id = c.event_id
RETURNING d.event_id
