{# The amounts of a family by group, ordered by their groups; with `features` also apart by the service and the place whose
   parameters count: a kind's and a region's where no narrower one was released. #}
{%- from "places.sql" import period_key %}
{%- macro filter(name, condition) -%}
    {%- if name in filters %}
    AND {{ condition }}
    {%- endif %}
{%- endmacro %}
{%- set region = "CASE WHEN region <> '" ~ OTHERS ~ "' THEN region ELSE '' END" %}
SELECT
    {%- for name in group_by %}
    {% if name in PERIODS -%}
    {{ period_key(name) }}
    {%- else -%}
    {{ name if name in PLACES or name == "service" else "dimension_value" }}
    {%- endif %} AS k{{ loop.index0 }},
    {%- endfor %}
    {%- if features %}
    CASE WHEN service <> '{{ OTHERS }}' THEN service WHEN kind <> '{{ OTHERS }}' THEN kind ELSE '' END AS service,
    {%- if by_state %}
    CASE WHEN state NOT IN ('{{ OTHERS }}', '') THEN state ELSE {{ region }} END AS place
    {%- else %}
    {{ region }} AS place
    {%- endif %}
    {%- else %}
    '' AS service,
    '' AS place
    {%- endif %}
    {%- for n in range(1, amounts + 1) %},
    coalesce(sum(amounts[{{ n }}]), 0)::bigint AS a{{ n }}
    {%- endfor %}
FROM saving_released_block
WHERE family = :family
    AND period BETWEEN :since AND :until
    AND dimension = :dimension
    {{- filter("services", "service = ANY(:services)") }}
    {{- filter("states", "state = ANY(:states)") }}
    {{- filter("regions", "region = ANY(:regions)") }}
    {{- filter("unit", "unit = :unit") }}
    {{- filter("values", "dimension_value = ANY(:values)") }}
{%- set grouped = group_by | length + (2 if features else 0) %}
{%- if grouped %}
GROUP BY {% for n in range(1, grouped + 1) %}{{ n }}{{ ", " if not loop.last }}{% endfor %}
ORDER BY {% for n in range(1, grouped + 1) %}{{ n }}{{ ", " if not loop.last }}{% endfor %}
{%- endif %}
