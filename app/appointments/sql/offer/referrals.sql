SELECT f.service, f.unit_id, u.name AS unit_name, max(f.ends_on) AS ends_on
FROM referral f JOIN unit u ON u.id = f.unit_id
WHERE f.person_id = CAST(:person_id AS uuid) AND f.ends_on >= CAST(:today AS date)
GROUP BY f.service, f.unit_id, u.name ORDER BY f.service, u.name LIMIT 50
