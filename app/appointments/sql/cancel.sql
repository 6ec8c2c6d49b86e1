WITH cancelled AS (
    UPDATE appointment SET status = {{ Status.CANCELLED }}, version = version + 1, cancel_reason = :reason,
        changed_at = CAST(:now AS timestamptz)
    WHERE unit_id = CAST(:unit_id AS uuid) AND id = CAST(:appointment_id AS uuid) AND status = {{ Status.BOOKED }}
        AND version = CAST(:version AS integer)
    RETURNING unit_id, id, room, start_at, seat, person_id, service
),
{% with freed_from = "cancelled", freed_seat = "cancelled" %}{% include "wait_list/listed.sql" %}{% endwith %},
active AS (
    DELETE FROM active_appointment v USING cancelled c
    WHERE v.person_id = c.person_id AND v.service = c.service AND v.appointment_id = c.id
),
{% with changed = "cancelled", answer = Answer.CANCELLED %}{% include "rebooking/answered.sql" %}{% endwith %},
stored AS ({{ store_response }} FROM cancelled),
recorded AS ({{ record_event }} FROM cancelled RETURNING {{ notify("'person:' || person_id") }})
SELECT room, seat FROM cancelled
