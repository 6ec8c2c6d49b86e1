SELECT at, type, actor_kind, channel, payload FROM event WHERE subject_id = CAST(:id AS uuid) ORDER BY id LIMIT 200
