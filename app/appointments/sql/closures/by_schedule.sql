s.unit_id = CAST(:unit_id AS uuid)
