SELECT DISTINCT unit_id FROM schedule WHERE unit_id = ANY(CAST(:unit_ids AS uuid[])) AND service = :service
    AND (valid_to IS NULL OR valid_to >= CAST(:today AS date))
