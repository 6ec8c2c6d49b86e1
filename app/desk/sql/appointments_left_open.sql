{# Appointments of a unit's ended days that are still booked. `came`: their person had a ticket for it that day, or one in
   that queue which was of no appointment; `was_served`: they were attended with one of those. -#}
SELECT a.folio, count(t.id) > 0 AS came,
    coalesce(bool_or(t.status IN ({{ TicketStatus.SERVING }}, {{ TicketStatus.DONE }})), false) AS was_served
FROM appointment a JOIN unit u ON u.id = a.unit_id
LEFT JOIN desk_ticket t ON t.person_id = a.person_id AND t.on_date = a.on_date AND t.unit_id = a.unit_id
    AND (t.appointment_folio = a.folio OR t.appointment_folio IS NULL AND t.service = a.service)
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.status = {{ AppointmentStatus.BOOKED }} AND a.on_date < {{ today }}
    AND NOT {% include "awaits_answer.sql" %}
    AND EXISTS (SELECT FROM desk_ticket d WHERE d.unit_id = a.unit_id AND d.on_date = a.on_date)
GROUP BY a.unit_id, a.id, a.folio, a.start_at
ORDER BY a.start_at, a.folio
