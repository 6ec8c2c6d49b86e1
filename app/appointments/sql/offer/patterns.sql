SELECT room, shift, weekdays, valid_from, valid_to FROM schedule
WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service
    AND (valid_to IS NULL OR valid_to >= CAST(:today AS date)) ORDER BY room, starts
