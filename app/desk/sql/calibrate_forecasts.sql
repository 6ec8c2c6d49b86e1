{# How far simulated ranges had to reach to hold the waits that were scored, at each level; `rules.calibration`. #}
INSERT INTO desk_forecast_reach (service, level, place, n, below, above)
SELECT coalesce(service, ''),
    CASE WHEN grouping(unit_id) = 0 THEN 3 WHEN grouping(service) = 0 THEN 2 ELSE 1 END,
    coalesce(unit_id::text, ''), count(*),
    percentile_disc({{ SHARE }}) WITHIN GROUP (ORDER BY below), percentile_disc({{ SHARE }}) WITHIN GROUP (ORDER BY above)
FROM (
    SELECT t.service, f.unit_id,
        greatest(0, {{ MARGIN }} + (f.simulated_median - floor(f.waited) - 1)
            / greatest(f.simulated_median - f.simulated_low, {{ NARROWEST }})) AS below,
        greatest(0, {{ MARGIN }} + (ceil(f.waited) - 1 - f.simulated_median)
            / greatest(f.simulated_high - f.simulated_median, {{ NARROWEST }})) AS above
    FROM desk_forecast f JOIN desk_ticket t ON (t.unit_id, t.id) = (f.unit_id, f.ticket_id)
    WHERE f.waited IS NOT NULL AND t.on_date < CAST(:today AS date)
        AND t.on_date >= CAST(:today AS date) - CAST(:days AS integer)
) s
GROUP BY GROUPING SETS ((), (service), (service, unit_id))
HAVING count(*) > 0
