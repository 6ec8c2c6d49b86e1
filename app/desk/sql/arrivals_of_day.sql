{# Today's appointments of a unit that weren't cancelled, and those whose person has come. -#}
SELECT count(*), count(*) FILTER (WHERE a.status = {{ AppointmentStatus.ATTENDED }} OR EXISTS (
    SELECT FROM desk_ticket t WHERE t.unit_id = a.unit_id AND t.appointment_folio = a.folio
))
FROM appointment a JOIN unit u ON u.id = a.unit_id
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.on_date = {{ today }}
    AND a.status <> {{ AppointmentStatus.CANCELLED }}
