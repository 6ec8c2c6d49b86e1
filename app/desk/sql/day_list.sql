SELECT a.folio, a.person_id, concat_ws(' ', p.given_names, nullif(p.first_surname, ''), p.second_surname) AS full_name,
    a.service, a.room, a.start_at, a.minutes, a.status, a.affected, a.request_id, u.timezone, t.id AS ticket_id,
    {{ printed("t") }} AS ticket_number, t.status AS ticket_status,
    t.service AS ticket_service, t.version AS ticket_version, t.arrived_at, t.called_at,
    coalesce(a.confirmed_start_at = a.start_at, false) AS is_confirmed
FROM appointment a
JOIN unit u ON u.id = a.unit_id
JOIN person p ON p.id = a.person_id
LEFT JOIN LATERAL (
    SELECT * FROM desk_ticket o WHERE o.unit_id = a.unit_id AND o.appointment_folio = a.folio AND o.on_date = a.on_date
    ORDER BY o.number DESC LIMIT 1
) t ON true
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.on_date = coalesce(CAST(:on_date AS date), {{ today }})
    AND (CAST(:room AS integer) IS NULL OR a.room = CAST(:room AS integer))
    AND a.status <> {{ AppointmentStatus.CANCELLED }}
ORDER BY a.start_at, a.room, a.folio LIMIT :limit
