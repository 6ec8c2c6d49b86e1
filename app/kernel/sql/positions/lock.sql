SELECT greatest(position, (SELECT max(position) FROM event_position)) AS position, snapshot, origin,
    {% include "positions/origin.sql" %} AS here, CAST(pg_current_snapshot() AS text) AS now
FROM event_sequencer FOR UPDATE OF event_sequencer {{ "" if waits else "SKIP LOCKED" }}
