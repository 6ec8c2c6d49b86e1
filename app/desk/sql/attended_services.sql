{# What a unit attends: by room, from the schedules that still run; without a room, what has a queue already. #}
SELECT s.room, s.service FROM schedule s JOIN unit u ON u.id = s.unit_id
WHERE s.unit_id = CAST(:unit_id AS uuid) AND (s.valid_to IS NULL OR s.valid_to >= {{ today }})
UNION
SELECT NULL, q.service FROM desk_queue q WHERE q.unit_id = CAST(:unit_id AS uuid)
ORDER BY 2, 1
