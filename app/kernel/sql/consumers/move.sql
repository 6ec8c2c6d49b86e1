UPDATE event_consumer SET position = :position, attempts = :attempts, retry_at = :retry_at, updated_at = :now
WHERE name = :name AND partition = :partition
