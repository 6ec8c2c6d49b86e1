UPDATE seat t SET closed_by = o.cause,
    state = CASE WHEN t.state = {{ SeatState.CLOSED }} AND o.cause IS NULL THEN {{ SeatState.FREE }} ELSE t.state END
FROM (SELECT s.unit_id, s.room, s.start_at, s.seat, {% include "closures/other_cause.sql" %} AS cause FROM seat s
    WHERE (CAST(:unit_id AS uuid) IS NULL OR s.unit_id = CAST(:unit_id AS uuid))
        AND s.closed_by = CAST(:id AS uuid)) o
WHERE (t.unit_id, t.room, t.start_at, t.seat) = (o.unit_id, o.room, o.start_at, o.seat)
