{# A restored event may carry a transaction id of its old server: one that lies here has its position already. -#}
WITH fresh AS (
    {%- if only_fresh %}
    SELECT id FROM event WHERE xid >= CAST(CAST(:since AS text) AS xid8)
        AND xid < least(CAST(CAST(:until AS text) AS xid8), pg_snapshot_xmax(pg_current_snapshot()))
    UNION ALL
    SELECT id FROM event WHERE xid = ANY(CAST(CAST(:running AS text[]) AS xid8[]))
    {%- else %}
    SELECT id FROM event
    {%- endif %}
),
numbered AS (
    INSERT INTO event_position (position, event_id)
    SELECT CAST(:position AS bigint) + row_number() OVER (ORDER BY f.id), f.id FROM fresh f
    WHERE NOT EXISTS (SELECT FROM event_position p WHERE p.event_id = f.id) ORDER BY f.id
    RETURNING 1
)
SELECT count(*) AS events, CAST(pg_current_snapshot() AS text) AS snapshot FROM numbered
