{# How far the ranges of a service's waits at a unit have to reach, the widest level first. #}
SELECT n, below, above FROM desk_forecast_reach
WHERE (service = '' AND level = 1 AND place = '')
    OR (service = CAST(:service AS text) AND level = 2 AND place = '')
    OR (service = CAST(:service AS text) AND level = 3 AND place = CAST(:unit_id AS uuid)::text)
ORDER BY level
