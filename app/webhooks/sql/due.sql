WITH due AS (
    SELECT event_id, type, position, created_at, due_at FROM webhook_delivery
    WHERE webhook_id = :webhook_id AND status = 'pending' AND due_at <= :now
    ORDER BY due_at, position NULLS FIRST LIMIT :most
)
SELECT d.event_id, d.type, coalesce(e.at, d.created_at) AS at, d.position, e.subject_id, e.unit_id, e.service,
    e.service_version, e.channel, e.payload
FROM due d LEFT JOIN event e ON e.id = d.event_id
ORDER BY d.due_at, d.position NULLS FIRST
