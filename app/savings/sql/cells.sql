{# From transactions to sums: the contribution of the affected transactions before is retracted, the one after is added,
   and every kind of cell moves by the difference: by day, week and month for region and state; by month with a segment,
   and for its unit. Most of what a batch touches is unchanged: the difference is what remains once both are added. #}
{%- macro contribution(table, sign="") %}
    SELECT
        e.day,
        CAST(date_trunc('week', e.day) AS date) AS week,
        CAST(date_trunc('month', e.day) AS date) AS month,
        e.region,
        e.state,
        coalesce(e.unit_id, '{{ UNKNOWN_PERSON }}') AS unit_id,
        e.counts_as AS service,
        e.channel,
        {%- for segment in SEGMENTS %}
        e.{{ column_of(segment) }} AS {{ segment }},
        {%- endfor %}
        {%- for name, measure in plain.items() %}
        {{ sign }}({{ measure.expression }})::bigint AS {{ name }},
        {%- endfor %}
        {%- for period in PERIOD_OF.values() %}
        {{ sign }}(e.is_first_of_{{ period }}::int::bigint) AS people_{{ period }}{{ "," if not loop.last }}
        {%- endfor %}
    FROM {{ table }} e
{%- endmacro %}
{%- macro of_period() -%}
    CASE
    {%- for period_type, period in PERIOD_OF.items() %} WHEN grouping({{ period }}) = 0 THEN {{ caller(period_type, period) }}
    {%- endfor %} END
{%- endmacro %}
{%- set keys = "day, week, month, region, state, unit_id, service, channel, " ~ SEGMENTS | join(", ") %}
{%- set summed = plain | list + ["people_day", "people_week", "people_month"] %}
WITH contribution AS (
    {{- contribution("saving_before", "-") }}
    UNION ALL
    {{- contribution("saving_after") }}
),
delta AS (
    SELECT {{ keys }}{% for name in summed %}, sum({{ name }})::bigint AS {{ name }}{% endfor %}
    FROM contribution
    GROUP BY {{ keys }}
    HAVING ({% for name in summed %}sum({{ name }}){{ ", " if not loop.last }}{% endfor %})
        <> ({% for name in summed %}0{{ ", " if not loop.last }}{% endfor %})
)
INSERT INTO saving_cell AS c (
    period_type, geography, segment, period, place, service, channel, segment_value, {{ MEASURES }}
)
SELECT
    {% call(period_type, period) of_period() %}'{{ period_type }}'{% endcall %},
    CASE WHEN grouping(region) = 0 THEN 'R' WHEN grouping(state) = 0 THEN 'S' ELSE 'U' END,
    CASE{% for segment in SEGMENTS %} WHEN grouping({{ segment }}) = 0 THEN '{{ segment }}'{% endfor %} ELSE '' END,
    {% call(period_type, period) of_period() %}{{ period }}{% endcall %},
    CASE WHEN grouping(region) = 0 THEN region WHEN grouping(state) = 0 THEN state ELSE unit_id::text END,
    service,
    channel,
    CASE{% for segment in SEGMENTS %} WHEN grouping({{ segment }}) = 0 THEN {{ segment }}{% endfor %} ELSE '' END
    {%- for name in MEASURES %},
    {% if name == "people" -%}
    {% call(period_type, period) of_period() %}sum(people_{{ period }}){% endcall %}
    {%- else -%}
    sum({{ name }})
    {%- endif %}
    {%- endfor %}
FROM delta
GROUP BY GROUPING SETS (
    {%- for place in ("region", "state") %}
    {%- for period in PERIOD_OF.values() %}
    ({{ period }}, {{ place }}, service, channel),
    {%- endfor %}
    {%- for segment in SEGMENTS %}
    (month, {{ place }}, service, channel, {{ segment }}),
    {%- endfor %}
    {%- endfor %}
    (month, unit_id, service, channel)
)
ON CONFLICT (period_type, geography, segment, period, place, service, channel, segment_value) DO UPDATE SET
{%- for name in MEASURES %}
    {{ name }} = c.{{ name }} + EXCLUDED.{{ name }}{{ "," if not loop.last }}
{%- endfor %}
