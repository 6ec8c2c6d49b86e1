{# Appointments of a person for a desk: those of today wherever they are, those to come, and the one whose folio they
   show; each with its last ticket. -#}
SELECT a.folio, a.unit_id, a.service, a.room, a.start_at, a.on_date, a.status, a.version, a.affected, r.folio AS request_folio,
    u.name, u.timezone, u.address, u.latitude, u.longitude, t.id,
    {{ printed("t") }}, t.status,
    coalesce(a.confirmed_start_at = a.start_at, false) AS is_confirmed
FROM appointment a
JOIN unit u ON u.id = a.unit_id
LEFT JOIN request r ON r.person_id = a.person_id AND r.id = a.request_id
LEFT JOIN LATERAL (
    SELECT * FROM desk_ticket o WHERE o.unit_id = a.unit_id AND o.appointment_folio = a.folio
    ORDER BY o.on_date DESC, o.number DESC LIMIT 1
) t ON true
WHERE a.person_id = CAST(:person_id AS uuid)
    AND (a.folio = :folio OR a.on_date = {{ today }}
        OR (a.status = {{ AppointmentStatus.BOOKED }} AND a.on_date > {{ today }}))
ORDER BY a.start_at, a.folio LIMIT :limit
