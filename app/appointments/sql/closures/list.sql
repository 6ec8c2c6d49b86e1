SELECT {% include "closures/affected.sql" %}, a.affected AS reason FROM seat s
JOIN appointment a ON a.unit_id = s.unit_id AND a.id = s.appointment_id
WHERE s.state = {{ SeatState.BOOKED }} AND a.status = {{ Status.BOOKED }} AND a.affected IS NOT NULL
    AND {% include "closures/" ~ covered ~ ".sql" %}
ORDER BY a.start_at, a.room, a.folio
