INSERT INTO event_batch SELECT e.*, p.position
FROM {% include "consumers/in_range.sql" %}
ORDER BY p.position
