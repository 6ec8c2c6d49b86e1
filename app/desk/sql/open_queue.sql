{# Give a service its letter: the first that no other queue of the unit has. `lock_unit` comes before it, in a statement
   of its own: this one must see the queues that were opened while it waited. #}
INSERT INTO desk_queue (unit_id, service, letter)
SELECT CAST(:unit_id AS uuid), :service, min(l.letter)
FROM (SELECT chr(64 + n) AS letter FROM generate_series(1, 26) n) l
WHERE NOT EXISTS (SELECT FROM desk_queue q WHERE q.unit_id = CAST(:unit_id AS uuid) AND q.letter = l.letter)
ON CONFLICT (unit_id, service) DO NOTHING
