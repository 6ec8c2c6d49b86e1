{# Appointments whose offered seats a closure covers, locked before seats are, as those booked in it. -#}
SELECT a.id FROM rebooking_offer o
JOIN seat s ON (s.unit_id, s.room, s.start_at, s.seat) = (o.to_unit_id, o.to_room, o.to_start_at, o.to_seat)
JOIN appointment a ON a.unit_id = o.unit_id AND a.id = o.appointment_id
WHERE o.answer IS NULL AND o.held_until > :now AND s.state = {{ SeatState.HELD }} AND s.hold_id = o.id
    AND {% include "closures/" ~ covered ~ ".sql" %}
ORDER BY a.unit_id, a.id FOR UPDATE OF a
