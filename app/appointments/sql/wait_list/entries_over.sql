{# Entries that ended by what happened to their person's appointment, or by time, with the reason. -#}
WITH over AS (
    SELECT e.unit_id, e.id,
        CASE WHEN e.appointment_id IS NULL AND v.unit_id IS NOT NULL AND v.unit_id <> e.unit_id
                THEN {{ EndReason.BOOKED_ELSEWHERE }}
            WHEN e.appointment_id IS NULL THEN {{ EndReason.EXPIRED }}
            WHEN a.status = {{ Status.CANCELLED }} THEN {{ EndReason.APPOINTMENT_CANCELLED }}
            ELSE {{ EndReason.APPOINTMENT_OVER }} END AS reason
    FROM wait_entry e
    LEFT JOIN active_appointment v ON v.person_id = e.person_id AND v.service = e.service AND v.start_at > :now
    LEFT JOIN appointment a ON (a.unit_id, a.id) = (e.unit_id, e.appointment_id)
    WHERE e.status <> {{ EntryStatus.ENDED }} AND e.draw_id IS NULL AND e.unit_id = CAST(:unit_id AS uuid)
        AND CASE WHEN e.appointment_id IS NULL
            THEN v.unit_id <> e.unit_id OR e.renewed_at < CAST(:renewed_after AS timestamptz)
            ELSE a.status IS DISTINCT FROM {{ Status.BOOKED }} OR a.start_at <= :now END
    FOR UPDATE OF e SKIP LOCKED
)
UPDATE wait_entry e SET status = {{ EntryStatus.ENDED }}, end_reason = over.reason, ended_at = :now,
    version = e.version + 1
FROM over WHERE (e.unit_id, e.id) = (over.unit_id, over.id)
RETURNING e.id, e.person_id, e.service, e.end_reason
