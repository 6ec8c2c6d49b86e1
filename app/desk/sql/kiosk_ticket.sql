{# A ticket as its slip shows it, with how many of its queue are called before it. No person, no service. -#}
SELECT t.id, {{ printed("t") }} AS number, t.status, t.arrived_at, t.due_at, t.room,
    t.code, u.name AS unit_name, u.timezone,
    (
        SELECT count(*) FROM desk_ticket o
        WHERE o.unit_id = t.unit_id AND o.service = t.service AND o.on_date = t.on_date
            AND o.status = {{ TicketStatus.WAITING }} AND o.id <> t.id
            AND ({{ call_order("o") }}) < ({{ call_order("t") }})
    ) AS before
FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.id = CAST(:id AS uuid)
