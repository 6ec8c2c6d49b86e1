{# Sums by group, ordered by their groups; with `features` also apart by service and place. #}
{%- from "places.sql" import key %}
SELECT
    {%- for name in group_by %}
    {{ key(name, geography, whole_period) }} AS k{{ loop.index0 }},
    {%- endfor %}
    {{ "service, place" if features else "'' AS service, '' AS place" }}
    {%- for name in names %},
    coalesce(sum({{ name }}), 0)::bigint AS {{ name }}
    {%- endfor %}
FROM (
    {%- for part in rows %}
    {{ part }}
    {{ "UNION ALL" if not loop.last }}
    {%- endfor %}
) c
{%- set grouped = group_by | length + (2 if features else 0) %}
{%- if grouped %}
GROUP BY {% for n in range(1, grouped + 1) %}{{ n }}{{ ", " if not loop.last }}{% endfor %}
ORDER BY {% for n in range(1, grouped + 1) %}{{ n }}{{ ", " if not loop.last }}{% endfor %}
{%- endif %}
