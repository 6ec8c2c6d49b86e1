SELECT w.service, count(*) FROM work_item w WHERE {% include "queue_scope.sql" %} GROUP BY w.service ORDER BY 2 DESC, 1
