INSERT INTO event_position (position, event_id)
SELECT (SELECT least(min(position), 1) FROM event_position) - row_number() OVER (ORDER BY id DESC), id
FROM unnest(CAST(:ids AS uuid[])) AS h (id)
