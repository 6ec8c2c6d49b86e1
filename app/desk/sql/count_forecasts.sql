{# Sums of the forecasts of each unit's last days. #}
INSERT INTO desk_forecast_day (unit_id, on_date, made, called, inside, simulated_inside, error_minutes)
SELECT f.unit_id, t.on_date, {% include "forecast_sums.sql" %}
FROM unit u
JOIN desk_forecast f ON f.unit_id = u.id AND f.made_at >= {{ now }} - make_interval(days => CAST(:days AS integer) + 2)
JOIN desk_ticket t ON (t.unit_id, t.id) = (f.unit_id, f.ticket_id)
WHERE t.on_date >= {{ today }} - CAST(:days AS integer)
GROUP BY f.unit_id, t.on_date
ON CONFLICT (unit_id, on_date) DO UPDATE SET made = EXCLUDED.made, called = EXCLUDED.called, inside = EXCLUDED.inside,
    simulated_inside = EXCLUDED.simulated_inside, error_minutes = EXCLUDED.error_minutes
