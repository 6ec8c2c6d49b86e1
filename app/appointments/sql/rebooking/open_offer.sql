{# The open offer of an appointment, and whether its seat is still held. -#}
SELECT o.id, o.cause_id, o.reply_by, o.calls, o.tier, o.to_unit_id, t.name AS to_unit_name, t.timezone AS to_timezone,
    o.to_room, o.to_start_at, o.held_until,
    EXISTS (SELECT 1 FROM seat s
        WHERE (s.unit_id, s.room, s.start_at, s.seat) = (o.to_unit_id, o.to_room, o.to_start_at, o.to_seat)
            AND s.state = {{ SeatState.HELD }} AND s.hold_id = o.id AND s.held_until > :now) AS is_held
FROM rebooking_offer o LEFT JOIN unit t ON t.id = o.to_unit_id
WHERE o.unit_id = CAST(:unit_id AS uuid) AND o.appointment_id = CAST(:appointment_id AS uuid) AND o.answer IS NULL
