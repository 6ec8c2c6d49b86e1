{# Hold a freed seat for an offer, which is its holder and its hold. It is taken from the offer before, or while it is
   free and no one else is taking it. -#}
{% import "seat.sql" as seat -%}
WITH pick AS (
    SELECT s.unit_id, s.room, s.start_at, s.seat FROM seat s
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer)
        AND s.start_at = CAST(:start_at AS timestamptz) AND s.seat = CAST(:seat AS smallint)
        AND (s.state = {{ SeatState.FREE }} OR s.state = {{ SeatState.HELD }}
            AND (s.held_until <= :now OR s.hold_id = CAST(:before_id AS uuid)))
    FOR UPDATE SKIP LOCKED
)
UPDATE seat s SET state = {{ SeatState.HELD }}, holder_id = CAST(:offer_id AS uuid),
    hold_id = CAST(:offer_id AS uuid), held_until = CAST(:held_until AS timestamptz)
FROM pick WHERE {{ seat.is_of("pick") }}
RETURNING s.seat
