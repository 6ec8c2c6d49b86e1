SELECT c.name, max(c.position) AS position, max(s.position) AS last
FROM event_consumer c, {% include "consumers/end_of_log.sql" %}
WHERE c.position > s.position GROUP BY c.name ORDER BY c.name
