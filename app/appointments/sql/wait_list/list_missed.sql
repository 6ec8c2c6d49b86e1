{# Seats that were freed just before someone asked for their like, still in their release delay: they are the list's,
   unless they returned from it since. -#}
WITH found AS (
    SELECT s.unit_id, s.service, s.shift, s.room, s.start_at, s.on_date, s.seat, s.minutes FROM seat s
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
        AND s.on_date >= CAST(:today AS date) AND s.state = {{ SeatState.FREE }} AND s.free_from > :now
        AND s.freed_by IS NOT NULL AND s.start_at >= CAST(:list_from AS timestamptz)
        AND EXISTS (SELECT FROM wait_entry e
            WHERE e.unit_id = s.unit_id AND e.service = s.service AND e.status = {{ EntryStatus.ACTIVE }}
                AND NOT EXISTS (SELECT FROM freed_seat f
                    WHERE (f.unit_id, f.room, f.start_at, f.seat) = (s.unit_id, s.room, s.start_at, s.seat)
                        AND f.ended_at > e.renewed_at))
    FOR UPDATE SKIP LOCKED
),
reserved AS (
    UPDATE seat s SET free_from = greatest(s.free_from, CAST(:reserved_until AS timestamptz)) FROM found f
    WHERE (s.unit_id, s.room, s.start_at, s.seat) = (f.unit_id, f.room, f.start_at, f.seat)
)
INSERT INTO freed_seat (unit_id, id, service, shift, room, start_at, on_date, seat, minutes, freed_at, look_at)
SELECT f.unit_id, gen_random_uuid(), f.service, f.shift, f.room, f.start_at, f.on_date, f.seat, f.minutes, :now, :now
FROM found f
ON CONFLICT (unit_id, room, start_at, seat) WHERE outcome IS NULL DO NOTHING
