{# How well the forecasts of days that were counted were, by unit. #}
SELECT u.id AS unit_id, u.clues, u.name, u.state_code AS state, sum(d.made)::integer AS made,
    sum(d.called)::integer AS called, sum(d.inside)::integer AS inside,
    sum(d.simulated_inside)::integer AS simulated_inside, sum(d.error_minutes) AS error_minutes
FROM desk_forecast_day d JOIN unit u ON u.id = d.unit_id
WHERE d.on_date >= CAST(:since AS date)
GROUP BY u.id
HAVING sum(d.called) >= CAST(:least AS integer)
ORDER BY u.state_code, u.name, u.id
