{% import "seat.sql" as seat -%}
WITH {% with moves = false %}{% include "take.sql" %}{% endwith %},
taken AS (
    UPDATE seat s SET state = {{ SeatState.HELD }}, holder_id = CAST(:person_id AS uuid),
        hold_id = CAST(:hold_id AS uuid), held_until = CAST(:held_until AS timestamptz)
    FROM pick, counted, released_count WHERE {{ seat.is_of("pick") }} AND released_count.n >= 0
    RETURNING s.room, s.seat
),
stored AS ({{ store_response }} FROM taken),
recorded AS ({{ record_event }} FROM taken)
SELECT room, seat, CAST(:call AS integer) AS call FROM taken
