{% include "counter_columns.sql" %}
WHERE s.staff_id = CAST(:me AS uuid)
