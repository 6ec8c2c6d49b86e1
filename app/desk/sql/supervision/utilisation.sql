{# Open seats, appointments and attended ones of each room and week. Seats of past days are deleted: `room_day` has how
   many were open. #}
WITH days AS (
    SELECT d.room, d.service, d.on_date, d.seats FROM room_day d
    WHERE d.unit_id = CAST(:unit_id AS uuid) AND d.on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    UNION ALL
    SELECT s.room, s.service, s.on_date, count(*) FROM seat s
    WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date)
        AND s.closed_by IS NULL
        AND NOT EXISTS (SELECT FROM room_day d WHERE (d.unit_id, d.room, d.service, d.on_date)
            = (s.unit_id, s.room, s.service, s.on_date))
    GROUP BY s.room, s.service, s.on_date
),
open_seats AS (
    SELECT room, service, date_trunc('week', on_date)::date AS week, sum(seats) AS seats FROM days GROUP BY 1, 2, 3
),
used AS (
    SELECT a.room, a.service, date_trunc('week', a.on_date)::date AS week, count(*) AS booked,
        count(*) FILTER (WHERE a.status = {{ AppointmentStatus.ATTENDED }}) AS attended
    FROM appointment a
    WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date)
        AND a.status <> {{ AppointmentStatus.CANCELLED }} AND a.affected IS NULL
    GROUP BY 1, 2, 3
)
SELECT o.room, o.service, o.week, o.seats::integer, coalesce(x.booked, 0)::integer AS booked,
    coalesce(x.attended, 0)::integer AS attended
FROM open_seats o LEFT JOIN used x ON (x.room, x.service, x.week) = (o.room, o.service, o.week)
ORDER BY o.week DESC, o.room, o.service LIMIT :limit
