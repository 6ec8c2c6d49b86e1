{# Appointments are locked before seats, as moving and cancelling do. -#}
SELECT 1 FROM appointment a JOIN seat s ON s.unit_id = a.unit_id AND s.appointment_id = a.id
WHERE a.status = {{ Status.BOOKED }} AND {% include "closures/" ~ covered ~ ".sql" %}
ORDER BY a.unit_id, a.id FOR UPDATE OF a
