{% import "seat.sql" as seat -%}
SELECT u.id, u.name, u.timezone, f.start_at FROM unit u CROSS JOIN LATERAL (
    SELECT s.start_at FROM seat s
    WHERE s.unit_id = u.id AND s.service = :service AND s.on_date BETWEEN {{ today }} AND {{ last_open_day }}
        AND s.start_at >= :earliest AND s.state IN ({{ OFFERED }}) AND {{ seat.can_be_had() }}
    ORDER BY s.on_date, s.start_at LIMIT 1
) f
WHERE u.id = ANY(CAST(:units AS uuid[])) AND u.is_operating ORDER BY f.start_at, u.name LIMIT :most
