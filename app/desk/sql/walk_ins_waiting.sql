{# Tickets of today that wait at a unit without an appointment, with the terms of their queue; and whether their person
   has an appointment of that service all the same, today or to come. #}
SELECT t.id, t.service, t.number, t.person_id, t.room, t.arrived_at, t.is_protected, t.rank_at, t.first_at,
    q.tolerance, q.walk_in_offset, q.protected, q.appointment_target, q.walk_in_target, q.grace,
    EXISTS (
        SELECT FROM appointment a
        WHERE a.person_id = t.person_id AND a.service = t.service AND a.on_date >= t.on_date
            AND a.status IN ({{ AppointmentStatus.BOOKED }}, {{ AppointmentStatus.ATTENDED }})
    ) AS has_appointment,
    {{ printed("t") }} AS printed
FROM desk_ticket t
JOIN unit u ON u.id = t.unit_id
JOIN desk_queue q ON (q.unit_id, q.service) = (t.unit_id, t.service)
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.on_date = {{ today }} AND t.status = {{ TicketStatus.WAITING }}
    AND t.due_at IS NULL
