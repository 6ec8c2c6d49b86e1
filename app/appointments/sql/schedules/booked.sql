SELECT count(*) FROM seat s JOIN unit u ON u.id = s.unit_id
WHERE s.state = {{ SeatState.BOOKED }} AND (s.closed_by = CAST(:id AS uuid)
    OR ({% include "schedules/of_schedule.sql" %}))
