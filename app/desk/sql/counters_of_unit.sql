{% include "counter_columns.sql" %}
WHERE r.unit_id = CAST(:unit_id AS uuid)
ORDER BY r.number
