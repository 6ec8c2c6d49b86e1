{# When each free seat to come of a room is released, as the page of days says: of a draw that has no registration yet,
   when that opens. Seats of a draw that is open or drawn have their moment, which stands. -#}
{% import "release.sql" as release with context -%}
SELECT s.start_at, s.seat, s.on_date, coalesce(d.opens_at > :now, false) AS is_draw,
    CASE WHEN d.opens_at > :now THEN d.opens_at ELSE s.free_from END AS at
FROM seat s JOIN unit u ON u.id = s.unit_id
LEFT JOIN LATERAL (
    SELECT {{ release.moment("n.release #> '{draw,opens}'", "s.on_date", "u.timezone") }} AS opens_at
    FROM schedule n
    WHERE n.unit_id = s.unit_id AND n.service = s.service AND n.room = s.room AND n.release IS NOT NULL
        AND jsonb_exists(n.release, 'draw')
        AND {{ release.moment("n.release #> '{draw,public}'", "s.on_date", "u.timezone") }} = s.free_from
        AND {{ release.is_of("s.start_at AT TIME ZONE u.timezone", "s.on_date", "n") }}
    LIMIT 1
) d ON true
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer) AND s.start_at > :now
    AND s.state = {{ SeatState.FREE }} AND s.freed_by IS NULL
