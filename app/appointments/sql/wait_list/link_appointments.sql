{# Entries whose person booked an appointment of the service at the unit meanwhile: they wait for an earlier one now. -#}
UPDATE wait_entry e SET appointment_id = v.appointment_id, version = e.version + 1
FROM active_appointment v
WHERE e.unit_id = CAST(:unit_id AS uuid) AND e.status <> {{ EntryStatus.ENDED }} AND e.appointment_id IS NULL
    AND e.draw_id IS NULL
    AND v.person_id = e.person_id AND v.service = e.service AND v.unit_id = e.unit_id AND v.start_at > :now
