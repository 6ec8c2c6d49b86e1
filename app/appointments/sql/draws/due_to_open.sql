{# Days of a unit's schedules whose registration is to be open and has no draw yet, with the seats that it would have. A
   schedule that is new may come too late for a day's: with less than `shortest` to register, its seats aren't drawn. -#}
{% import "release.sql" as release with context -%}
SELECT n.id AS schedule_id, n.room, n.shift, n.service, d.day AS on_date,
    CASE WHEN m.opens_at >= CAST(:now AS timestamptz) - CAST(:late AS interval) THEN m.opens_at
        ELSE date_trunc('minute', CAST(:now AS timestamptz)) END AS opens_at, m.closes_at, m.public_at,
    count(*) AS seats
FROM schedule n JOIN unit u ON u.id = n.unit_id
CROSS JOIN LATERAL (
    SELECT CAST(g AS date) AS day FROM generate_series(greatest(n.valid_from, {{ today }}),
        least(coalesce(n.valid_to, 'infinity'),
            {{ today }} + CAST(n.release #>> '{draw,opens,days}' AS integer)), '1 day') g
    WHERE extract(isodow FROM g) = ANY(n.weekdays)
) d
CROSS JOIN LATERAL (
    SELECT {{ release.moment("n.release #> '{draw,opens}'", "d.day", "u.timezone") }} AS opens_at,
        {{ release.moment("n.release #> '{draw,closes}'", "d.day", "u.timezone") }} AS closes_at,
        {{ release.moment("n.release #> '{draw,public}'", "d.day", "u.timezone") }} AS public_at
) m
JOIN seat s ON s.unit_id = n.unit_id AND s.room = n.room AND s.service = n.service AND s.on_date = d.day
    AND s.state = {{ SeatState.FREE }} AND s.freed_by IS NULL AND s.free_from = m.public_at
    AND {{ release.is_of("s.start_at AT TIME ZONE u.timezone", "s.on_date", "n") }}
WHERE n.unit_id = CAST(:unit_id AS uuid) AND jsonb_exists(n.release, 'draw') AND u.is_operating
    AND m.opens_at <= :now AND m.closes_at > :now
    AND (m.opens_at >= CAST(:now AS timestamptz) - CAST(:late AS interval)
        OR m.closes_at >= CAST(:now AS timestamptz) + CAST(:shortest AS interval))
    AND NOT EXISTS (SELECT FROM draw w
        WHERE (w.unit_id, w.schedule_id, w.on_date) = (n.unit_id, n.id, d.day))
GROUP BY n.id, n.room, n.shift, n.service, d.day, m.opens_at, m.closes_at, m.public_at
ORDER BY d.day, n.room
