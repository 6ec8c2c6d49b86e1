SELECT unit_id FROM schedule
WHERE release IS NOT NULL AND (valid_to IS NULL OR valid_to >= CAST(:today AS date))
UNION
SELECT unit_id FROM draw WHERE status <> {{ DrawStatus.ENDED }} ORDER BY unit_id
