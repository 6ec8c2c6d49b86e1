SELECT s.unit_id, s.service, s.room, s.start_at, s.minutes, s.held_until > :now AS is_live FROM seat s
WHERE s.holder_id = CAST(:person_id AS uuid) AND s.state = {{ SeatState.HELD }} AND s.hold_id = CAST(:hold_id AS uuid)
