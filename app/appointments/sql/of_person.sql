{% include "appointment.sql" %}
WHERE a.person_id = CAST(:person_id AS uuid)
    AND (CAST(:units AS uuid[]) IS NULL OR a.unit_id = ANY(CAST(:units AS uuid[])))
ORDER BY a.start_at DESC, a.id DESC LIMIT :limit
