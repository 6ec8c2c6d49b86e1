SELECT hold_id, room, start_at, on_date, minutes, held_until FROM seat
WHERE holder_id = CAST(:person_id AS uuid) AND service = :service AND unit_id = CAST(:unit_id AS uuid)
    AND state = {{ SeatState.HELD }} AND held_until > :now
