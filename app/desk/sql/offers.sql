{# Offers of a unit as its staff see them, by time: those that are open, or one. #}
SELECT o.id, o.unit_id, o.ticket_id, {{ printed("t") }} AS number, o.service, t.person_id,
    nullif({{ full_name("p") }}, '') AS full_name, o.room, o.start_at, o.minutes, o.freed, o.place, o.status, o.made_at,
    o.answered_at, o.appointment_folio, u.timezone
FROM desk_offer o
JOIN unit u ON u.id = o.unit_id
JOIN desk_ticket t ON (t.unit_id, t.id) = (o.unit_id, o.ticket_id)
LEFT JOIN person p ON p.id = t.person_id
WHERE o.unit_id = CAST(:unit_id AS uuid)
    AND (o.id = CAST(:id AS uuid) OR (CAST(:id AS uuid) IS NULL AND o.status = 'open'))
ORDER BY o.start_at, o.room, o.seat
