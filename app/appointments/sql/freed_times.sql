{# Times of a unit's day that were booked: given back by a cancellation or a move, from now until an instant; and
   those of people who were recorded as absent, until they end. #}
{% import "seat.sql" as seat -%}
SELECT s.service, s.room, s.start_at, s.seat, s.minutes,
    CASE WHEN EXISTS (
        SELECT FROM appointment a
        WHERE (a.unit_id, a.room, a.start_at, a.seat) = (s.unit_id, s.room, s.start_at, s.seat)
            AND a.status = {{ Status.CANCELLED }}
    ) THEN 'cancelled' ELSE 'moved' END AS freed
FROM seat s JOIN unit u ON u.id = s.unit_id
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.on_date = {{ today }} AND s.state IN ({{ OFFERED }})
    AND s.freed_by IS NOT NULL AND s.start_at BETWEEN {{ now }} AND CAST(:until AS timestamptz)
    AND {{ seat.can_be_had("anyone") }} AND u.is_operating
UNION ALL
SELECT a.service, a.room, a.start_at, a.seat, a.minutes, 'missed'
FROM appointment a JOIN unit u ON u.id = a.unit_id
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.on_date = {{ today }} AND a.status = {{ Status.MISSED }}
    AND a.affected IS NULL AND a.start_at <= {{ now }}
    AND a.start_at + make_interval(mins => a.minutes) > {{ now }} AND u.is_operating
