{# Entries of a unit and service that can be asked: active, without an open offer; with the appointment that their person
   has to come, and the times that they were offered, also by an entry that ended. One whose appointment is another than it waits with is over. -#}
SELECT e.id, e.person_id, e.weekdays, e.shift, e.room, e.notice_hours, e.asked_at, e.version, a.start_at AS has_start_at,
    a.affected IS NOT NULL AS is_affected,
    (SELECT array_agg(o.start_at) FROM wait_entry x
        JOIN wait_offer o ON (o.unit_id, o.entry_id) = (x.unit_id, x.id)
        WHERE x.person_id = e.person_id AND (x.unit_id, x.service) = (e.unit_id, e.service) AND o.start_at > :now
            AND o.answer IS DISTINCT FROM {{ OfferAnswer.WITHDRAWN }}) AS asked
FROM wait_entry e
LEFT JOIN active_appointment v ON v.person_id = e.person_id AND v.service = e.service AND v.start_at > :now
LEFT JOIN appointment a ON (a.unit_id, a.id) = (v.unit_id, v.appointment_id)
WHERE e.unit_id = CAST(:unit_id AS uuid) AND e.service = :service AND e.status = {{ EntryStatus.ACTIVE }}
    AND e.draw_id IS NULL
    AND (v.unit_id IS NULL OR v.unit_id = e.unit_id)
    AND (e.appointment_id IS NULL OR e.appointment_id = v.appointment_id)
    AND NOT EXISTS (SELECT FROM wait_offer o
        WHERE (o.unit_id, o.entry_id) = (e.unit_id, e.id) AND o.answer IS NULL)
ORDER BY e.asked_at, e.id
