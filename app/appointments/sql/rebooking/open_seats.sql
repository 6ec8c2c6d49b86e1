{# Seats of a service that can be had at these units, in these shifts, from one instant to another. -#}
{% import "seat.sql" as seat -%}
SELECT s.unit_id, s.service, s.room, s.shift, s.start_at, s.seat, s.minutes, s.on_date
FROM seat s JOIN unit u ON u.id = s.unit_id
WHERE s.unit_id = ANY(CAST(:units AS uuid[])) AND s.service = :service AND u.is_operating
    AND s.on_date BETWEEN CAST(:first AS date) AND least(CAST(:last AS date), {{ last_open_day }})
    AND s.start_at BETWEEN CAST(:earliest AS timestamptz) AND CAST(:latest AS timestamptz)
    AND s.shift = ANY(CAST(:shifts AS text[]))
    AND s.state IN ({{ OFFERED }}) AND {{ seat.can_be_had() }}
ORDER BY s.start_at, s.room, s.seat
