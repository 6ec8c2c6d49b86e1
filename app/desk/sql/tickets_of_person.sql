{% include "ticket_columns.sql" %}
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.person_id = CAST(:person_id AS uuid) AND t.on_date = {{ today }}
ORDER BY t.arrived_at, t.id
