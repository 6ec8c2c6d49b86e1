SELECT at, type, channel, payload FROM event WHERE subject_id = CAST(:id AS uuid) ORDER BY id LIMIT 100
