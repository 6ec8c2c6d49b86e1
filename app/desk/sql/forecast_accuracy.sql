{# How well the forecasts since a day were, by unit. #}
SELECT u.id AS unit_id, u.clues, u.name, u.state_code AS state, count(*) AS made, count(f.called_at) AS called,
    count(*) FILTER (WHERE f.is_inside) AS inside,
    coalesce(sum(abs(f.waited - f.median)), 0)::float8 AS error_minutes
FROM desk_forecast f JOIN unit u ON u.id = f.unit_id
WHERE f.made_at >= CAST(:since AS timestamptz) AND (CAST(:unit_id AS uuid) IS NULL OR f.unit_id = CAST(:unit_id AS uuid))
GROUP BY u.id
ORDER BY u.state_code, u.name, u.id
