{# Take back the open offers of these appointments, and release their seats. -#}
{% import "seat.sql" as seat -%}
WITH ended AS (
    UPDATE rebooking_offer SET answer = {{ Answer.WITHDRAWN }}, answered_at = CAST(:now AS timestamptz),
        answered_by = 'system'
    WHERE answer IS NULL AND appointment_id = ANY(CAST(:appointments AS uuid[]))
    RETURNING id, to_unit_id, to_room, to_start_at, to_seat
),
freed AS (
    UPDATE seat s SET {{ seat.release() }} FROM ended e
    WHERE (s.unit_id, s.room, s.start_at, s.seat) = (e.to_unit_id, e.to_room, e.to_start_at, e.to_seat)
        AND s.state = {{ SeatState.HELD }} AND s.hold_id = e.id
)
SELECT id FROM ended
