{# What was closed twice is still closed, for the reason that is left. -#}
UPDATE appointment a SET affected = c.reason
FROM seat s JOIN unit u ON u.id = s.unit_id, LATERAL (
    SELECT reason FROM schedule_exception e WHERE e.id = s.closed_by
    UNION ALL SELECT 'holiday' FROM holiday y WHERE y.id = s.closed_by) c
WHERE (CAST(:unit_id AS uuid) IS NULL OR a.unit_id = CAST(:unit_id AS uuid)) AND a.status = {{ Status.BOOKED }}
    AND a.affected <> c.reason AND a.start_at > :now AND s.unit_id = a.unit_id AND s.appointment_id = a.id
    AND (s.room, s.start_at, s.seat) = (a.room, a.start_at, a.seat) AND u.is_operating
