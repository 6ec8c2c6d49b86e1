UPDATE appointment a SET affected = NULL FROM seat s, unit u
WHERE (CAST(:unit_id AS uuid) IS NULL OR a.unit_id = CAST(:unit_id AS uuid)) AND a.status = {{ Status.BOOKED }}
    AND a.affected IS NOT NULL AND a.start_at > :now AND s.unit_id = a.unit_id AND s.appointment_id = a.id
    AND (s.room, s.start_at, s.seat) = (a.room, a.start_at, a.seat)
    AND s.closed_by IS NULL AND u.id = a.unit_id AND u.is_operating
RETURNING a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes, a.version
