SELECT id FROM unit WHERE id = CAST(:unit_id AS uuid) FOR NO KEY UPDATE
