{# OFFSET 0 keeps the inner query from being flattened: each event is looked up by id in the one partition that has
   it. -#}
(SELECT position, event_id FROM event_position WHERE position > :after AND position <= :until) p
CROSS JOIN LATERAL (SELECT * FROM event WHERE id = p.event_id OFFSET 0) e
WHERE e.type = ANY(:types)
