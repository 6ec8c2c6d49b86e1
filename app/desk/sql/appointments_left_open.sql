SELECT a.folio, EXISTS (
    SELECT FROM desk_ticket t WHERE t.unit_id = a.unit_id AND t.appointment_folio = a.folio AND t.on_date = a.on_date
) AS has_ticket
FROM appointment a JOIN unit u ON u.id = a.unit_id
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.status = {{ AppointmentStatus.BOOKED }} AND a.on_date < {{ today }}
    AND NOT {% include "awaits_answer.sql" %}
    AND EXISTS (SELECT FROM desk_ticket d WHERE d.unit_id = a.unit_id AND d.on_date = a.on_date)
ORDER BY a.start_at, a.folio
