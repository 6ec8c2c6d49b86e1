SELECT c.partitions, c.position, c.stop_at, c.attempts, s.position AS last,
    EXISTS (SELECT FROM dead_letter_event p WHERE p.consumer = c.name AND p.retry_requested) AS has_retries
FROM event_consumer c, event_sequencer s WHERE c.name = :name AND c.partition = :partition
FOR UPDATE OF c SKIP LOCKED
