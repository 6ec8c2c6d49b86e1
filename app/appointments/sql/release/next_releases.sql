{# When seats of a service at a unit that can't be had yet are released, soonest first: how many, of which days. Those of
   a draw (`is_draw`) when its registration opens; while it is open, the draw says the rest; then, those that are left.
   Nothing is read where no schedule releases its seats so. -#}
{% import "release.sql" as release with context -%}
WITH waiting AS (
    SELECT s.on_date, coalesce(d.opens_at > :now, false) AS is_draw,
        CASE WHEN d.opens_at > :now THEN d.opens_at ELSE s.free_from END AS at
    FROM seat s JOIN unit u ON u.id = s.unit_id
    LEFT JOIN LATERAL (
        SELECT n.id, {{ release.moment("n.release #> '{draw,opens}'", "s.on_date", "u.timezone") }} AS opens_at
        FROM schedule n
        WHERE n.unit_id = s.unit_id AND n.service = s.service AND n.room = s.room AND n.release IS NOT NULL
            AND jsonb_exists(n.release, 'draw')
            AND {{ release.moment("n.release #> '{draw,public}'", "s.on_date", "u.timezone") }} = s.free_from
            AND {{ release.is_of("s.start_at AT TIME ZONE u.timezone", "s.on_date", "n") }}
        LIMIT 1
    ) d ON true
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service AND s.on_date >= CAST(:today AS date)
        AND s.state = {{ SeatState.FREE }} AND s.freed_by IS NULL AND s.free_from > :now
        AND EXISTS (SELECT FROM schedule n
            WHERE n.unit_id = CAST(:unit_id AS uuid) AND n.service = :service AND n.release IS NOT NULL)
        AND NOT EXISTS (SELECT FROM draw w
            WHERE w.unit_id = s.unit_id AND w.schedule_id = d.id AND w.on_date = s.on_date AND w.status = {{ DrawStatus.OPEN }})
)
SELECT w.at, count(*) AS seats, min(w.on_date) AS first_day, max(w.on_date) AS last_day, w.is_draw
FROM waiting w WHERE w.at > :now
GROUP BY w.at, w.is_draw ORDER BY w.at LIMIT :most
