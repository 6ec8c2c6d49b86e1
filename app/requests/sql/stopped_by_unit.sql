SELECT r.unit_id, z.name, count(*) FROM request r JOIN unit z ON z.id = r.unit_id
WHERE {% include "stopped_scope.sql" %} AND r.kind = CAST(:kind AS text)
GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT {{ MAX_CHOICES }}
