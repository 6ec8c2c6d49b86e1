SELECT c.name, c.partition FROM event_consumer c, event_sequencer s
WHERE c.name = ANY(:names)
    AND (c.retry_at IS NULL OR c.retry_at <= :now) AND (c.position < least(s.position, c.stop_at)
    OR EXISTS (SELECT FROM dead_letter_event p WHERE p.consumer = c.name AND p.retry_requested))
