{# The seat of an offer becomes a hold of its person's own, which a move or a booking takes. -#}
UPDATE seat s SET holder_id = o.person_id FROM rebooking_offer o
WHERE o.id = CAST(:offer_id AS uuid)
    AND (s.unit_id, s.room, s.start_at, s.seat) = (o.to_unit_id, o.to_room, o.to_start_at, o.to_seat)
    AND s.state = {{ SeatState.HELD }} AND s.hold_id = o.id AND s.held_until > CAST(:now AS timestamptz)
RETURNING s.service
