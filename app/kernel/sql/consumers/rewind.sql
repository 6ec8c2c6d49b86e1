UPDATE event_consumer SET position = least((SELECT min(position) FROM event_position) - 1, 0), attempts = 0,
    retry_at = NULL, updated_at = :now
WHERE name = :name
