(SELECT greatest(position, (SELECT max(position) FROM event_position)) AS position FROM event_sequencer) s
