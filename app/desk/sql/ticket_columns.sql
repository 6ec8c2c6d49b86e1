{# Tickets `t` with their unit `u`: what staff of the unit see. The place is among those of its service that wait, in
   the order of `rules.turns.call_order`. #}
SELECT t.id, t.unit_id, t.on_date, {{ printed("t") }} AS printed, t.service, t.status,
    t.person_id, nullif(concat_ws(' ', p.given_names, nullif(p.first_surname, ''), p.second_surname), '') AS full_name,
    t.appointment_folio, t.request_folio, t.room, t.is_protected, t.arrived_at, t.due_at, t.calls, t.called_at,
    t.counter, t.served_at, t.ended_at, t.left_because, t.version, u.timezone,
    CASE WHEN t.status = {{ TicketStatus.WAITING }} THEN w.place END AS place,
    (SELECT r.kind FROM room r WHERE (r.unit_id, r.number) = (t.unit_id, t.counter)) AS counter_kind
FROM desk_ticket t
JOIN unit u ON u.id = t.unit_id
LEFT JOIN person p ON p.id = t.person_id
LEFT JOIN (
    SELECT o.id, row_number() OVER (PARTITION BY o.service ORDER BY {{ call_order("o") }}) AS place
    FROM desk_ticket o JOIN unit v ON v.id = o.unit_id
    WHERE o.unit_id = CAST(:unit_id AS uuid) AND o.status = {{ TicketStatus.WAITING }}
        AND o.on_date = {{ local_day(now, "v.timezone") }}
) w ON w.id = t.id
