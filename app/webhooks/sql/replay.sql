{# Ids are UUIDv7: a time is a range of them. -#}
INSERT INTO webhook_delivery (webhook_id, event_id, type, position, created_at, due_at)
SELECT :webhook_id, e.id, e.type, p.position, :now, :now
FROM event e JOIN event_position p ON p.event_id = e.id
WHERE e.id >= :first AND e.id < :last AND e.at >= :since AND e.at < :until AND e.type = ANY(CAST(:types AS text[]))
ORDER BY p.position LIMIT :most
ON CONFLICT (webhook_id, event_id) DO UPDATE SET status = 'pending', attempts = 0, created_at = excluded.created_at,
    due_at = excluded.due_at
RETURNING event_id
