{% include "appointment.sql" %}
WHERE a.person_id IN ({% include "theirs.sql" %}) AND {% include "visible.sql" %}
    AND a.status = {{ Status.BOOKED }} AND a.start_at > :now
ORDER BY a.start_at, a.id LIMIT :limit
