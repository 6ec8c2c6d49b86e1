SELECT start_at, start_at + make_interval(mins => minutes) FROM appointment
WHERE person_id = CAST(:person_id AS uuid) AND status = {{ Status.BOOKED }} AND start_at > CAST(:now AS timestamptz)
    AND id IS DISTINCT FROM CAST(:moving AS uuid) ORDER BY start_at LIMIT 50
