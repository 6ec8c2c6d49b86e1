{# A move to the time it already has changes nothing: the response is stored for the key, and a second seat of the same
   slot that they may have held meanwhile goes back. -#}
{% import "seat.sql" as seat -%}
WITH released AS (
    UPDATE seat s SET {{ seat.release() }}
    WHERE s.state = {{ SeatState.HELD }} AND s.holder_id = CAST(:person_id AS uuid) AND s.service = :service
        AND s.unit_id = CAST(:unit_id AS uuid)
),
stored AS ({{ store_response }})
SELECT 1
