SELECT c.name, s.position - c.position AS events, e.at
FROM (SELECT name, min(position) AS position FROM event_consumer GROUP BY name) c
CROSS JOIN event_sequencer s
LEFT JOIN LATERAL (SELECT event_id FROM event_position p
    WHERE p.position > c.position ORDER BY p.position LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT at FROM event WHERE id = n.event_id OFFSET 0) e ON true
ORDER BY c.name
