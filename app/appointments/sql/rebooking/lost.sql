{# Affected appointments whose offer has no seat any more, because it was removed. -#}
SELECT a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes, a.version, a.affected
FROM rebooking_offer o JOIN appointment a ON a.unit_id = o.unit_id AND a.id = o.appointment_id
WHERE o.to_unit_id = CAST(:unit_id AS uuid) AND o.to_start_at > :now AND o.answer IS NULL AND o.held_until > :now
    AND a.status = {{ Status.BOOKED }} AND a.affected IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM seat s
        WHERE (s.unit_id, s.room, s.start_at, s.seat) = (o.to_unit_id, o.to_room, o.to_start_at, o.to_seat)
            AND s.state = {{ SeatState.HELD }} AND s.hold_id = o.id)
ORDER BY a.unit_id, a.id FOR UPDATE OF a
