{# Appointments that can't take place, with what says which seats are like theirs. `assigned_unit_id`: where the person
   is attended today. -#}
SELECT a.id, a.unit_id, a.folio, a.person_id, a.version, a.service, a.room, s.shift, a.start_at, u.timezone,
    p.unit_id AS assigned_unit_id
FROM appointment a JOIN seat s ON s.unit_id = a.unit_id AND (s.room, s.start_at, s.seat) = (a.room, a.start_at, a.seat)
JOIN unit u ON u.id = a.unit_id JOIN person p ON p.id = a.person_id
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.id = ANY(CAST(:appointments AS uuid[]))
    AND a.status = {{ Status.BOOKED }} AND a.affected IS NOT NULL
ORDER BY a.start_at, a.folio
