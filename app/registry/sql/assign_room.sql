{# The room with the most free places; a check constraint guards against overflow. -#}
UPDATE panel SET assigned = assigned + 1 WHERE (unit_id, shift, room) = (
    SELECT unit_id, shift, room FROM panel
    WHERE unit_id = CAST(:unit_id AS uuid) AND shift = :shift AND assigned < capacity
    ORDER BY capacity - assigned DESC, room LIMIT 1 FOR UPDATE)
RETURNING room
