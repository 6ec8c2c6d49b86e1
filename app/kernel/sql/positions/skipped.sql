{# Where the server is another one the sequencer has passed nothing yet. -#}
SELECT count(*) FROM event e, event_sequencer s WHERE s.snapshot IS NOT NULL
    AND s.origin = {% include "positions/origin.sql" %}
    AND (pg_visible_in_snapshot(e.xid, CAST(s.snapshot AS pg_snapshot))
        OR e.xid >= pg_snapshot_xmax(pg_current_snapshot()))
    AND NOT EXISTS (SELECT FROM event_position p WHERE p.event_id = e.id)
