{# With the names of who did it and of who had or got the request; of a step that a helper did for the person, on which
   channel and in which role. #}
SELECT e.at, e.type, e.payload, s.full_name, h.full_name,
    CASE WHEN e.payload ? 'assistance_id' THEN e.channel END, CASE WHEN e.payload ? 'assistance_id' THEN s.role END
FROM event e
    LEFT JOIN staff s ON s.id = e.actor_id AND e.actor_kind = 'staff'
    LEFT JOIN staff h ON h.id = CAST(e.payload ->> 'holder_id' AS uuid)
WHERE e.subject_id = CAST(:id AS uuid) ORDER BY e.id LIMIT 200
