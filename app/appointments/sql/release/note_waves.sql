{# The waves of a unit that were released since an instant and aren't noted yet, with how many seats that are open each
   has: those that were made after its moment were free at once, and are none of its. A key makes it once. -#}
{% import "release.sql" as release with context -%}
WITH due AS (
    SELECT n.unit_id, n.id AS schedule_id, n.room, n.service, d.day, w.number, w.above, w.below, n.starts,
        {{ end_hour("n.ends") }} AS ends, n.valid_from, n.valid_to,
        n.slot_minutes, n.capacity, {{ release.moment("w.wave", "d.day", "u.timezone") }} AS released_at
    FROM schedule n JOIN unit u ON u.id = n.unit_id
    CROSS JOIN LATERAL {{ release.waves("n") }} w
    CROSS JOIN LATERAL (
        SELECT CAST(g AS date) AS day FROM generate_series(greatest(n.valid_from, {{ today }}),
            least(coalesce(n.valid_to, 'infinity'), {{ today }} + CAST(w.wave ->> 'days' AS integer)), '1 day') g
        WHERE extract(isodow FROM g) = ANY(n.weekdays)
    ) d
    WHERE n.unit_id = CAST(:unit_id AS uuid) AND jsonb_exists(n.release, 'waves') AND u.is_operating
),
counted AS (
    SELECT d.unit_id, d.schedule_id, d.room, d.service, d.day, d.number, d.above, d.below, d.starts, d.slot_minutes,
        d.capacity, d.released_at, count(*) AS seats
    FROM due d JOIN unit u ON u.id = d.unit_id
    JOIN seat s ON s.unit_id = d.unit_id AND s.room = d.room AND s.service = d.service AND s.on_date = d.day
        AND s.closed_by IS NULL AND s.free_from = d.released_at
        AND {{ release.is_of("s.start_at AT TIME ZONE u.timezone", "s.on_date", "d") }}
    WHERE d.released_at > CAST(:since AS timestamptz) AND d.released_at <= :now
        AND {{ release.percent("s.start_at AT TIME ZONE u.timezone", "s.on_date", "s.seat", "d") }} >= d.above
        AND {{ release.percent("s.start_at AT TIME ZONE u.timezone", "s.on_date", "s.seat", "d") }} < d.below
    GROUP BY d.unit_id, d.schedule_id, d.room, d.service, d.day, d.number, d.above, d.below, d.starts, d.slot_minutes,
        d.capacity, d.released_at
)
INSERT INTO released_wave (unit_id, id, schedule_id, room, service, on_date, wave, above, below, starts, slot_minutes,
    capacity, released_at, seats)
SELECT unit_id, gen_random_uuid(), schedule_id, room, service, day, number, above, below, starts, slot_minutes,
    capacity, released_at, seats
FROM counted
ON CONFLICT (unit_id, schedule_id, on_date, wave) DO NOTHING
RETURNING id, schedule_id, room, service, on_date, wave, seats, released_at
