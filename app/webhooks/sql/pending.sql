SELECT d.event_id, d.type, coalesce(e.at, d.created_at) AS at, d.position, e.subject_id, e.unit_id, e.service,
    e.service_version, e.channel, e.payload
FROM webhook_delivery d LEFT JOIN event e ON e.id = d.event_id
WHERE d.webhook_id = :webhook_id AND d.event_id = ANY(CAST(:event_ids AS uuid[])) AND d.status = 'pending'
ORDER BY d.position NULLS FIRST
