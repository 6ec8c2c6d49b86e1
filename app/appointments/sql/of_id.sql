{% include "appointment.sql" %}
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.id = CAST(:id AS uuid)
