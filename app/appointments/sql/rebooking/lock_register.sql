{# The register of open appointments, locked: a booking of the same service waits until the offer is answered. -#}
SELECT appointment_id FROM active_appointment
WHERE person_id = CAST(:person_id AS uuid) AND service = :service FOR UPDATE
