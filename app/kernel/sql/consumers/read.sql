SELECT p.position, e.id, e.at, e.type, e.subject_id, e.person_id, e.unit_id, e.actor_kind, e.actor_id, e.channel,
    e.service, e.service_version, e.seconds, e.device, e.payload
FROM {% include "consumers/in_range.sql" %}
    {% include "consumers/in_part.sql" %}
ORDER BY p.position
