{# A webhook gets what happened since it was created. An event that is read again adds nothing. -#}
INSERT INTO webhook_delivery (webhook_id, event_id, type, position, created_at, due_at)
SELECT w.id, e.event_id, e.type, e.position, :now, :now
FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS e (event_id uuid, type text, position bigint, at timestamptz)
JOIN webhook w ON w.disabled_at IS NULL AND e.type = ANY(w.types) AND e.at >= w.created_at
ON CONFLICT DO NOTHING
RETURNING webhook_id
