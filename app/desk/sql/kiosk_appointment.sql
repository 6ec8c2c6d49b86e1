{# The appointment of today at a unit for which a person checks in by their CURP or number: the next one, those that have
   a ticket last. -#}
SELECT a.folio
FROM person p JOIN appointment a ON a.person_id = p.id JOIN unit u ON u.id = a.unit_id
WHERE (p.curp = CAST(:curp AS text) OR p.nss = CAST(:nss AS text)) AND a.unit_id = CAST(:unit_id AS uuid)
    AND a.on_date = {{ today }} AND a.status IN ({{ AppointmentStatus.BOOKED }}, {{ AppointmentStatus.MISSED }})
ORDER BY EXISTS (
    SELECT FROM desk_ticket t
    WHERE t.unit_id = a.unit_id AND t.appointment_folio = a.folio AND t.status <> {{ TicketStatus.LEFT }}
), a.start_at LIMIT 1
