{# Give a service its letter: the first that no other queue of the unit has. The unit's row is locked first, so that two
   queues that open at once get two letters. #}
WITH here AS (SELECT id FROM unit WHERE id = CAST(:unit_id AS uuid) FOR UPDATE)
INSERT INTO desk_queue (unit_id, service, letter)
SELECT here.id, :service, (
    SELECT l.letter FROM (SELECT chr(64 + n) AS letter FROM generate_series(1, 26) n) l
    WHERE NOT EXISTS (SELECT FROM desk_queue q WHERE q.unit_id = here.id AND q.letter = l.letter)
    ORDER BY l.letter LIMIT 1
)
FROM here
ON CONFLICT (unit_id, service) DO NOTHING
