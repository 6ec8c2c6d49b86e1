{# Appointments `a` with their unit `u`: what those who may see one read of it. #}
SELECT a.id, a.unit_id, a.folio, a.person_id, a.service, a.room, a.start_at, a.on_date, a.seat, a.minutes, a.status,
    a.version, a.channel, a.cancel_reason, a.affected, a.created_at, a.changed_at,
    u.name AS unit_name, u.clues, u.timezone, u.address, u.latitude, u.longitude,
    (SELECT o.unit_id FROM person o WHERE o.id = a.person_id) AS assigned_unit_id
FROM appointment a JOIN unit u ON u.id = a.unit_id
