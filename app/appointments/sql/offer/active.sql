SELECT a.folio FROM active_appointment v JOIN appointment a ON a.unit_id = v.unit_id AND a.id = v.appointment_id
WHERE v.person_id = CAST(:person_id AS uuid) AND v.service = :service AND a.status = {{ Status.BOOKED }}
