{# With the names of who did it and of who had or got the request. #}
SELECT e.at, e.type, e.payload, s.full_name, h.full_name
FROM event e
    LEFT JOIN staff s ON s.id = e.actor_id AND e.actor_kind = 'staff'
    LEFT JOIN staff h ON h.id = CAST(e.payload ->> 'holder_id' AS uuid)
WHERE e.subject_id = CAST(:id AS uuid) ORDER BY e.id LIMIT 200
