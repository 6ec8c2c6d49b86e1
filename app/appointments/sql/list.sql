{% include "appointment.sql" %}
WHERE a.person_id IN ({% include "theirs.sql" %}) AND {% include "visible.sql" %}
    AND (CAST(:from_at AS timestamptz) IS NULL OR a.start_at > CAST(:from_at AS timestamptz))
    AND (CAST(:after_at AS timestamptz) IS NULL
        OR (a.start_at, a.id) < (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
ORDER BY a.start_at DESC, a.id DESC LIMIT :limit
