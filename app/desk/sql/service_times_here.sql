{# Times at the counter of services at a unit, weekday and hour, the widest first. #}
SELECT d.service, d.n, d.mean, d.variance
FROM unit u JOIN desk_service_time d ON d.service = ANY (CAST(:services AS text[])) AND (
    (d.level = 1 AND d.place = '')
    OR (d.level = 2 AND d.place = u.state_code)
    OR (d.level = 3 AND d.place = u.id::text)
    OR (
        d.level = 4 AND d.place = u.id::text
        AND d.weekday = extract(isodow FROM {{ now }} AT TIME ZONE u.timezone)
        AND d.hours = extract(hour FROM {{ now }} AT TIME ZONE u.timezone)::integer / 2
    )
)
WHERE u.id = CAST(:unit_id AS uuid)
ORDER BY d.service, d.level
