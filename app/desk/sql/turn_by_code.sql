{# A ticket of today as anyone sees it who holds its code, and how many of its queue are called up to it. #}
SELECT t.unit_id, t.id, u.name AS unit_name, u.timezone, t.letter, t.number, t.status, t.counter, r.kind AS counter_kind,
    t.left_because, t.called_at, t.service, t.rank_at, t.first_at, t.room,
    (
        SELECT count(*) FROM desk_ticket o
        WHERE o.unit_id = t.unit_id AND o.service = t.service AND o.on_date = t.on_date
            AND o.status = {{ TicketStatus.WAITING }} AND ({{ call_order("o") }}) <= ({{ call_order("t") }})
    ) AS place
FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
LEFT JOIN room r ON (r.unit_id, r.number) = (t.unit_id, t.counter)
WHERE t.code = :code AND t.on_date = {{ today }}
