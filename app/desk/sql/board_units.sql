{# Units that have a desk, for the choice of a board. -#}
SELECT u.clues, u.name FROM unit u
WHERE u.is_operating AND EXISTS (SELECT FROM desk_queue q WHERE q.unit_id = u.id)
ORDER BY u.name, u.clues LIMIT 200
