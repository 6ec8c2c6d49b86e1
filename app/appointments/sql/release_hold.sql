{% import "seat.sql" as seat -%}
WITH freed AS (
    UPDATE seat s SET {{ seat.release() }}
    WHERE s.holder_id = CAST(:person_id AS uuid) AND s.state = {{ SeatState.HELD }}
        AND s.hold_id = CAST(:hold_id AS uuid)
    RETURNING s.unit_id
),
recorded AS ({{ record_event }} FROM freed)
SELECT unit_id FROM freed
