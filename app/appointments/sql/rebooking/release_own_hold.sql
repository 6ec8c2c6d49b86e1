{# A person has one hold per service at a unit: their own gives way to the seat of the offer that they accept. -#}
{% import "seat.sql" as seat -%}
UPDATE seat s SET {{ seat.release() }}
WHERE s.holder_id = CAST(:person_id AS uuid) AND s.service = :service AND s.unit_id = CAST(:unit_id AS uuid)
    AND s.state = {{ SeatState.HELD }}
