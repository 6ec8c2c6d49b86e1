SELECT t.unit_id, t.id, t.status, t.person_id, t.service,
    ((t.on_date + 1)::timestamp AT TIME ZONE u.timezone) - interval '1 second' AS day_ended_at
FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.status IN ({{ OPEN }}) AND t.on_date < {{ today }}
ORDER BY t.on_date, t.letter, t.number FOR UPDATE OF t
