SELECT service FROM desk_queue WHERE unit_id = CAST(:unit_id AS uuid) ORDER BY letter
