{# Registrations of a draw that can be asked, in the drawn order: not cancelled, not asked before unless the offer was
   withdrawn, and without an open offer; with the appointment to come that their person has in the service. -#}
SELECT r.id, r.person_id, r.position, r.registered_at, a.start_at AS has_start_at, a.affected IS NOT NULL AS is_affected
FROM draw_registration r
LEFT JOIN active_appointment v ON v.person_id = r.person_id AND v.service = :service AND v.start_at > :now
LEFT JOIN appointment a ON (a.unit_id, a.id) = (v.unit_id, v.appointment_id)
LEFT JOIN wait_entry e ON (e.unit_id, e.id) = (r.unit_id, r.id)
WHERE r.unit_id = CAST(:unit_id AS uuid) AND r.draw_id = CAST(:draw_id AS uuid) AND r.position IS NOT NULL
    AND r.cancelled_at IS NULL AND (v.unit_id IS NULL OR v.unit_id = r.unit_id)
    AND (e.id IS NULL OR e.status = {{ EntryStatus.ACTIVE }})
    AND NOT EXISTS (SELECT FROM wait_offer o WHERE (o.unit_id, o.entry_id) = (r.unit_id, r.id) AND o.answer IS NULL)
ORDER BY r.position
