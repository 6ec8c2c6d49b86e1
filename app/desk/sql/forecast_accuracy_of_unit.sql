{# How well the forecasts of a unit were since an instant, until now. #}
SELECT {% include "forecast_sums.sql" %}
FROM desk_forecast f
WHERE f.unit_id = CAST(:unit_id AS uuid) AND f.made_at >= CAST(:since AS timestamptz)
