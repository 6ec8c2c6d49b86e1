{% include "appointment.sql" %}
WHERE (a.unit_id, a.id) IN (SELECT * FROM unnest(CAST(:units AS uuid[]), CAST(:ids AS uuid[])))
