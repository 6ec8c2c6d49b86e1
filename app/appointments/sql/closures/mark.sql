{# Once each: a marked appointment was notified already. -#}
UPDATE appointment a SET affected = :reason FROM seat s
WHERE {% include "closures/" ~ covered ~ ".sql" %} AND s.closed_by = CAST(:id AS uuid)
    AND s.state = {{ SeatState.BOOKED }}
    AND a.unit_id = s.unit_id AND a.id = s.appointment_id AND a.status = {{ Status.BOOKED }} AND a.affected IS NULL
    AND a.start_at > :now
RETURNING a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes, a.version, a.affected
