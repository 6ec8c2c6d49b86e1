{# Every seat of the days ahead that isn't there yet, from the weekly patterns.

   Local hours become instants in the unit's zone, days of rest are left out, and times under an exception are made
   closed. So are times that the clock change cuts, which don't end at their local hour, and times that an open seat of
   the room overlaps. Each is free from its release on. Safe to repeat. -#}
{% import "release.sql" as release with context -%}
WITH wanted AS (
    SELECT s.unit_id, s.room, t.start_at, n.seat, s.service, s.shift, d.day AS on_date, s.slot_minutes AS minutes,
        s.id AS schedule_id, t.local, u.timezone
    FROM schedule s
    JOIN unit u ON u.id = s.unit_id
    CROSS JOIN LATERAL make_interval(mins => s.slot_minutes) AS length
    CROSS JOIN LATERAL (
        SELECT CAST(g AS date) AS day FROM generate_series(greatest(s.valid_from, {{ today }}),
            least(coalesce(s.valid_to, 'infinity'), {{ today }} + CAST(:days AS integer)), '1 day') g
        WHERE extract(isodow FROM g) = ANY(s.weekdays)
    ) d
    CROSS JOIN LATERAL (
        SELECT local, local AT TIME ZONE u.timezone AS start_at FROM generate_series(
            d.day + s.starts,
            d.day + {{ end_hour("s.ends") }} - length, length) local
        WHERE (local AT TIME ZONE u.timezone + length) AT TIME ZONE u.timezone = local + length
    ) t
    CROSS JOIN LATERAL generate_series(1, s.capacity) AS n(seat)
    WHERE (CAST(:unit_id AS uuid) IS NULL OR s.unit_id = CAST(:unit_id AS uuid))
        AND u.is_operating AND d.day <> ALL(CAST(:rest_days AS date[]))
        AND NOT EXISTS (SELECT 1 FROM holiday y
            WHERE y.on_date = d.day AND (y.unit_id IS NULL OR y.unit_id = s.unit_id))
        AND t.start_at > :now
)
INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes, state, closed_by,
    free_from)
SELECT w.unit_id, w.room, w.start_at, w.seat, w.service, w.shift, w.on_date, w.minutes,
    CASE WHEN x.id IS NULL THEN {{ SeatState.FREE }} ELSE {{ SeatState.CLOSED }} END, x.id,
    {{ release.released_at("w.local", "w.on_date", "w.seat", "n", "w.timezone") }}
FROM wanted w JOIN schedule n ON n.id = w.schedule_id
LEFT JOIN LATERAL (
    SELECT e.id FROM schedule_exception e WHERE e.unit_id = w.unit_id
        AND (e.room IS NULL OR e.room = w.room) AND (e.shift IS NULL OR e.shift = w.shift)
        AND e.starts_at <= w.start_at AND w.start_at < e.ends_at ORDER BY e.id LIMIT 1
) x ON true
LEFT JOIN LATERAL (
    SELECT true AS taken FROM seat o WHERE o.unit_id = w.unit_id AND o.room = w.room AND o.closed_by IS NULL
        AND o.start_at > w.start_at - make_interval(mins => {{ longest }})
        AND o.start_at < w.start_at + make_interval(mins => w.minutes)
        AND o.start_at + make_interval(mins => o.minutes) > w.start_at
        AND (o.start_at, o.minutes, o.service) <> (w.start_at, w.minutes, w.service)
    LIMIT 1
) o ON true
WHERE o.taken IS NULL AND NOT EXISTS (SELECT 1 FROM seat k
    WHERE (k.unit_id, k.room, k.start_at, k.seat) = (w.unit_id, w.room, w.start_at, w.seat))
ORDER BY w.unit_id, w.room, w.start_at, w.seat
ON CONFLICT ON CONSTRAINT pk_seat DO NOTHING
