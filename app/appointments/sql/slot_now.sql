{# A time as it is now: whether anyone can have it, and the hold or the appointment that a person has at it. -#}
{% import "seat.sql" as seat -%}
{% set theirs = "s.holder_id = CAST(:person_id AS uuid)" -%}
SELECT min(s.service) AS service, min(s.minutes) AS minutes, min(u.timezone) AS timezone, min(u.name) AS unit_name,
    count(*) FILTER (WHERE s.state IN ({{ OFFERED }}) AND {{ seat.can_be_had() }} AND u.is_operating
        AND s.start_at > CAST(:now AS timestamptz)) AS seats,
    bool_and(s.state = {{ SeatState.CLOSED }}) AS is_closed,
    min(CAST(s.hold_id AS text)) FILTER (WHERE s.state = {{ SeatState.HELD }} AND {{ theirs }}
        AND s.held_until > CAST(:now AS timestamptz)) AS hold_id,
    min(s.held_until) FILTER (WHERE s.state = {{ SeatState.HELD }} AND {{ theirs }}) AS held_until,
    min((SELECT a.folio FROM appointment a WHERE a.unit_id = s.unit_id AND a.id = s.appointment_id))
        FILTER (WHERE s.state = {{ SeatState.BOOKED }} AND {{ theirs }}) AS folio,
    CAST(:call AS integer) AS call
FROM seat s JOIN unit u ON u.id = s.unit_id
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer)
    AND s.start_at = CAST(:start_at AS timestamptz)
HAVING count(*) > 0
