UPDATE appointment a SET affected = :reason FROM unit u
WHERE u.id = a.unit_id AND NOT u.is_operating AND a.status = {{ Status.BOOKED }} AND a.affected IS NULL
    AND a.start_at > :now
    AND (CAST(:unit_id AS uuid) IS NULL OR u.id = CAST(:unit_id AS uuid))
RETURNING a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes, a.version, a.affected
