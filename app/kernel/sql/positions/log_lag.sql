SELECT (SELECT position FROM event_sequencer) AS position, count(f.at) AS unnumbered, min(f.at) AS oldest,
    coalesce((SELECT extract(epoch FROM max(clock_timestamp() - xact_start)) FROM pg_stat_activity
        WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()), 0) AS horizon
FROM (
    SELECT e.at FROM event e, event_sequencer q
    WHERE e.xid >= pg_snapshot_xmax(CAST(q.snapshot AS pg_snapshot)) AND e.xid < pg_snapshot_xmax(pg_current_snapshot())
        AND NOT EXISTS (SELECT FROM event_position p WHERE p.event_id = e.id) LIMIT {{ most }}
) f
