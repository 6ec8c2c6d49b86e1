SELECT r.service, count(*) FROM request r
WHERE {% include "stopped_scope.sql" %} AND r.kind = CAST(:kind AS text) GROUP BY r.service ORDER BY 2 DESC, 1
