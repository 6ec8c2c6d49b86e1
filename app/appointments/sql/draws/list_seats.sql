{% import "release.sql" as release with context -%}
{# The seats of a drawn draw that can be offered and aren't listed yet: those that are free until they are the public's. -#}
INSERT INTO freed_seat (unit_id, id, service, shift, room, start_at, on_date, seat, minutes, freed_at, look_at, draw_id)
SELECT s.unit_id, gen_random_uuid(), s.service, s.shift, s.room, s.start_at, s.on_date, s.seat, s.minutes, :now, :now, w.id
FROM draw w JOIN schedule n ON n.id = w.schedule_id JOIN unit u ON u.id = w.unit_id
JOIN seat s ON s.unit_id = w.unit_id AND s.room = w.room AND s.service = w.service AND s.on_date = w.on_date
    AND s.state = {{ SeatState.FREE }} AND s.freed_by IS NULL AND s.free_from = w.public_at
    AND {{ release.is_of("s.start_at AT TIME ZONE u.timezone", "s.on_date", "n") }}
WHERE w.unit_id = CAST(:unit_id AS uuid) AND w.status = {{ DrawStatus.DRAWN }} AND w.public_at > :now
    AND (CAST(:draw_id AS uuid) IS NULL OR w.id = CAST(:draw_id AS uuid))
    AND NOT EXISTS (SELECT FROM freed_seat f
        WHERE (f.unit_id, f.room, f.start_at, f.seat) = (s.unit_id, s.room, s.start_at, s.seat)
            AND (f.outcome IS NULL OR f.draw_id = w.id AND f.outcome <> {{ Outcome.TAKEN }}))
