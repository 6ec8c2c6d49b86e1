SELECT count(*) FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id
WHERE {% include "queue_scope.sql" %} AND {% include "queue_filter.sql" %}
