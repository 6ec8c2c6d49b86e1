{# The transaction of the last event of a chunk: all of its events are taken. -#}
SELECT CAST(xid AS text) FROM event WHERE xid >= CAST(CAST(:since AS text) AS xid8)
    AND xid < pg_snapshot_xmax(pg_current_snapshot())
ORDER BY event.xid OFFSET :others LIMIT 1
