{# How many seats of each room and day were open, before they are deleted: what utilisation is measured against. -#}
INSERT INTO room_day (unit_id, room, service, on_date, seats)
SELECT s.unit_id, s.room, s.service, s.on_date, count(*) FILTER (WHERE s.closed_by IS NULL)
FROM seat s JOIN unit u ON u.id = s.unit_id
WHERE s.on_date < {{ local_day("CAST(:before AS timestamptz)", "u.timezone") }}
GROUP BY s.unit_id, s.room, s.service, s.on_date
ON CONFLICT (unit_id, room, service, on_date) DO NOTHING
