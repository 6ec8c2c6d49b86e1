{# A past appointment gives way (`ended`): a live one makes the insert into its unique key fail, and all with it. With
   `accepts` it is the seat of an offer of the wait list, which ends in the same instant. -#}
{% import "seat.sql" as seat -%}
WITH {% if accepts %}{% include "wait_list/offered.sql" %},
taken AS (
    UPDATE seat s SET state = {{ SeatState.BOOKED }}, appointment_id = CAST(:appointment_id AS uuid),
        holder_id = CAST(:person_id AS uuid), hold_id = NULL, held_until = NULL
    FROM pick, released_count WHERE {{ seat.is_of("pick") }} AND released_count.n >= 0
    RETURNING s.unit_id, s.room, s.start_at, s.seat, s.minutes, s.on_date
),
{% else -%}
taken AS (
    UPDATE seat SET state = {{ SeatState.BOOKED }}, appointment_id = CAST(:appointment_id AS uuid), hold_id = NULL,
        held_until = NULL
    WHERE holder_id = CAST(:person_id AS uuid) AND service = :service AND unit_id = CAST(:unit_id AS uuid)
        AND state = {{ SeatState.HELD }} AND hold_id = CAST(:hold_id AS uuid) AND held_until > :now
    RETURNING unit_id, room, start_at, seat, minutes, on_date
),
{% endif -%}
ended AS (
    DELETE FROM active_appointment WHERE person_id = CAST(:person_id AS uuid) AND service = :service
        AND start_at <= :now RETURNING 1
),
ended_count AS (SELECT count(*) AS n FROM ended),
active AS (
    INSERT INTO active_appointment (person_id, service, unit_id, appointment_id, start_at)
    SELECT CAST(:person_id AS uuid), :service, unit_id, CAST(:appointment_id AS uuid), start_at
    FROM taken, ended_count WHERE ended_count.n >= 0
),
made AS (
    INSERT INTO appointment (unit_id, id, folio, person_id, service, room, start_at, on_date, seat, minutes,
        channel, booked_by_kind, booked_by_id, created_at, changed_at)
    SELECT unit_id, CAST(:appointment_id AS uuid), :folio, CAST(:person_id AS uuid), :service, room, start_at,
        on_date, seat, minutes, :channel, :actor_kind, CAST(:actor_id AS uuid),
        CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM taken
),
{% if accepts %}{% with done = "taken" %}{% include "wait_list/accepted.sql" %}{% endwith %},
{% endif -%}
stored AS ({{ store_response }} FROM taken),
recorded AS ({{ record_event }} FROM taken)
SELECT room, seat, CAST(:call AS integer) AS call FROM taken
