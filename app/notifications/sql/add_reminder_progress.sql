INSERT INTO reminder_progress (unit_id, until) SELECT id, {{ now }} - interval '3 days' FROM unit u
WHERE u.is_operating AND NOT EXISTS (SELECT 1 FROM reminder_progress p WHERE p.unit_id = u.id)
ON CONFLICT DO NOTHING
