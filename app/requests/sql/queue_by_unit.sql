SELECT w.unit_id, z.name, count(*) FROM work_item w JOIN unit z ON z.id = w.unit_id
WHERE {% include "queue_scope.sql" %} GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT {{ MAX_CHOICES }}
