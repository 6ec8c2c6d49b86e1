SELECT p.position, d.event_id FROM dead_letter_event d JOIN event_position p ON p.event_id = d.event_id
JOIN event e ON e.id = d.event_id
WHERE d.consumer = :name AND d.retry_requested {% include "consumers/in_part.sql" %}

ORDER BY p.position LIMIT :batch FOR UPDATE OF d SKIP LOCKED
