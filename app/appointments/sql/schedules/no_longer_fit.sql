SELECT a.folio, a.person_id, a.service, a.room, a.start_at, a.affected AS reason FROM seat s
JOIN appointment a ON a.unit_id = s.unit_id AND a.id = s.appointment_id
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.closed_by = CAST(:id AS uuid) AND s.state = {{ SeatState.BOOKED }}
    AND a.status = {{ Status.BOOKED }} AND a.start_at > :now ORDER BY a.start_at, a.room, a.folio
