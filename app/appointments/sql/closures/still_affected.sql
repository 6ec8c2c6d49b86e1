SELECT a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes, a.version, a.affected FROM appointment a
WHERE a.id = ANY(CAST(:appointments AS uuid[])) AND a.status = {{ Status.BOOKED }} AND a.affected IS NOT NULL
ORDER BY a.start_at, a.folio
