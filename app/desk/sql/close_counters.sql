UPDATE counter_session s SET status = 'closed', changed_at = {{ now }}, closed_at = {{ now }}
FROM unit u
WHERE u.id = s.unit_id AND s.unit_id = CAST(:unit_id AS uuid) AND s.status <> 'closed'
    AND {{ local_day("s.opened_at", "u.timezone") }} < {{ today }}
RETURNING s.id, s.counter
