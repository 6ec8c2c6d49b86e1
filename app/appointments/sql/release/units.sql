SELECT DISTINCT unit_id FROM schedule
WHERE release IS NOT NULL AND (valid_to IS NULL OR valid_to >= CAST(:today AS date)) ORDER BY unit_id
