INSERT INTO saving_ticket_cell AS c (geography, period, place, service, weekday, hour, {{ TICKET_MEASURES }})
SELECT
    CASE WHEN grouping(region) = 0 THEN 'R' WHEN grouping(state) = 0 THEN 'S' ELSE 'U' END,
    month,
    CASE WHEN grouping(region) = 0 THEN region WHEN grouping(state) = 0 THEN state ELSE unit_id::text END,
    service,
    coalesce(weekday, 0),
    coalesce(hour, -1)
    {%- for name in TICKET_MEASURES %},
    sum({{ name }})
    {%- endfor %}
FROM saving_ticket_contribution
GROUP BY GROUPING SETS ((month, region, service), (month, state, service), (month, unit_id, service, weekday, hour))
ON CONFLICT (geography, period, place, service, weekday, hour) DO UPDATE SET
{%- for name in TICKET_MEASURES %}
    {{ name }} = c.{{ name }} + EXCLUDED.{{ name }}{{ "," if not loop.last }}
{%- endfor %}
