{% include "ticket_columns.sql" %}
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.id = CAST(:id AS uuid)
