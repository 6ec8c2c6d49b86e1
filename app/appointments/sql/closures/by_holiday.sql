(CAST(:unit_id AS uuid) IS NULL OR s.unit_id = CAST(:unit_id AS uuid)) AND s.on_date = CAST(:on_date AS date)
AND s.start_at > :now
