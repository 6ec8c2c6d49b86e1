{# The new seat is taken and the old one freed in one instant: until then the old one is still the person's. With
   `accepts` it is the seat of an offer of the wait list, which ends in the same instant. -#}
{% import "seat.sql" as seat -%}
WITH old AS (
    SELECT unit_id, id, room, start_at, seat FROM appointment
    WHERE unit_id = CAST(:unit_id AS uuid) AND id = CAST(:appointment_id AS uuid) AND status = {{ Status.BOOKED }}
        AND version = CAST(:version AS integer)
    FOR UPDATE
),
{% if accepts %}{% include "wait_list/offered.sql" %}{% else -%}
{% with moves = true %}{% include "take.sql" %}{% endwith %}{% endif %},
taken AS (
    UPDATE seat s SET state = {{ SeatState.BOOKED }}, holder_id = CAST(:person_id AS uuid),
        appointment_id = CAST(:appointment_id AS uuid), hold_id = NULL, held_until = NULL
    FROM pick, old, released_count WHERE {{ seat.is_of("pick") }} AND released_count.n >= 0
    RETURNING s.room, s.start_at, s.seat, s.minutes, s.on_date
),
{% with freed_from = "old, taken", freed_seat = "old" %}{% include "wait_list/listed.sql" %}{% endwith %},
moved AS (
    UPDATE appointment a SET room = taken.room, start_at = taken.start_at, seat = taken.seat,
        minutes = taken.minutes, on_date = taken.on_date, version = a.version + 1, affected = NULL,
        changed_at = CAST(:now AS timestamptz)
    FROM taken, freed, old WHERE a.unit_id = old.unit_id AND a.id = old.id
    RETURNING a.room, a.seat
),
active AS (
    UPDATE active_appointment v SET start_at = taken.start_at FROM taken
    WHERE v.person_id = CAST(:person_id AS uuid) AND v.service = :service
        AND v.appointment_id = CAST(:appointment_id AS uuid)
),
{% with changed = "moved", answer = Answer.OTHER_TIME %}{% include "rebooking/answered.sql" %}{% endwith %},
{% if accepts %}{% with done = "moved" %}{% include "wait_list/accepted.sql" %}{% endwith %},
{% endif -%}
stored AS ({{ store_response }} FROM moved),
recorded AS ({{ record_event }} FROM moved RETURNING {{ notify("'person:' || person_id") }})
SELECT room, seat FROM moved
