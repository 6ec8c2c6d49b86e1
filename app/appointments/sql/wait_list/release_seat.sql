{# Let a freed seat go to the public at an instant (`free_from`), if it is still the list's: free, or held by the last
   offer of it. SKIP LOCKED: another request is taking it, or frees it again. -#}
{% import "seat.sql" as seat -%}
WITH pick AS (
    SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer)
        AND s.start_at = CAST(:start_at AS timestamptz) AND s.seat = CAST(:seat AS smallint)
        AND (s.state = {{ SeatState.FREE }} OR s.state = {{ SeatState.HELD }}
            AND (s.held_until <= :now OR s.hold_id = CAST(:before_id AS uuid)))
    FOR UPDATE SKIP LOCKED
)
UPDATE seat s SET {{ seat.release() }}, free_from = CAST(:free_from AS timestamptz)
FROM pick WHERE {{ seat.is_of("pick") }}
RETURNING s.seat
