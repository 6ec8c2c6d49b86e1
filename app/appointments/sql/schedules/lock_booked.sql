SELECT 1 FROM appointment a JOIN seat s ON s.unit_id = a.unit_id AND s.appointment_id = a.id
JOIN unit u ON u.id = s.unit_id
WHERE a.status = {{ Status.BOOKED }} AND {% include "schedules/of_schedule.sql" %} ORDER BY a.id FOR UPDATE OF a
