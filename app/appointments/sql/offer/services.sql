SELECT DISTINCT service FROM schedule
WHERE unit_id = CAST(:unit_id AS uuid) AND service NOT LIKE '{{ SPECIALIST_PREFIX }}%'
    AND (valid_to IS NULL OR valid_to >= CAST(:today AS date))
