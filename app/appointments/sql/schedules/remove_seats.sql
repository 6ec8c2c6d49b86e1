DELETE FROM seat s USING unit u, schedule n
WHERE u.id = s.unit_id AND n.id = CAST(:id AS uuid) AND s.state <> {{ SeatState.BOOKED }} AND s.unit_id = n.unit_id
    AND (s.closed_by = n.id OR ({% include "schedules/of_schedule.sql" %} AND NOT {% include "schedules/fits.sql" %}))
