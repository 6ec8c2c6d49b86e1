SELECT s.id, s.full_name, count(*) FROM work_item w JOIN staff s ON s.id = w.holder_id
WHERE {% include "queue_scope.sql" %} AND {{ is_held }} GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT {{ MAX_CHOICES }}
