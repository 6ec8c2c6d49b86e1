{# One probe of the index for each unit and service; who has no schedule in force offers nothing to wait for. -#}
{% import "seat.sql" as seat -%}
SELECT o.unit_id, o.service, o.today AS on_date, third.on_date - o.today AS days
FROM (
    SELECT DISTINCT c.unit_id, c.service, {{ today }} AS today, {{ last_open_day }} AS last
    FROM schedule c JOIN unit u ON u.id = c.unit_id
    WHERE u.is_operating AND (c.valid_to IS NULL OR c.valid_to >= {{ today }})
) o
LEFT JOIN LATERAL (
    SELECT s.on_date FROM seat s
    WHERE s.unit_id = o.unit_id AND s.service = o.service AND s.on_date BETWEEN o.today AND o.last
        AND s.start_at >= :earliest AND s.state IN ({{ OFFERED }}) AND {{ seat.can_be_had() }}
    ORDER BY s.on_date, s.start_at OFFSET {{ third - 1 }} LIMIT 1
) third ON true
ORDER BY o.unit_id, o.service
