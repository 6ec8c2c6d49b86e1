{# What became of an appointment. Who was attended, or missed it, may have the next one in the service. #}
WITH settled AS (
    UPDATE appointment SET status = :status, version = version + 1, changed_at = {{ now }}
    WHERE unit_id = CAST(:unit_id AS uuid) AND id = CAST(:id AS uuid) AND version = CAST(:version AS integer)
    RETURNING unit_id, id, person_id, service
),
given_way AS (
    DELETE FROM active_appointment v USING settled s
    WHERE v.person_id = s.person_id AND v.service = s.service AND v.appointment_id = s.id
)
SELECT id FROM settled
