UPDATE event_consumer c SET position = s.position, attempts = 0, retry_at = NULL, stop_at = NULL, updated_at = :now
FROM {% include "consumers/end_of_log.sql" %}, event_consumer was
WHERE c.position > s.position
    AND (was.name, was.partition) = (c.name, c.partition)
RETURNING c.name, c.partition, was.position AS before, c.position
