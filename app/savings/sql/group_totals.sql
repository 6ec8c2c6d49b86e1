{# One row for each part of a plan, with a column of all groups for each key and one for all their sums: days and sums as
   bytes, group after group, texts joined. As single values they would take longer to read than to add up. The sums are
   floating numbers, which is exact to 2**53 and costs the database half of what whole numbers of eight bytes do. In the
   order of the cells' primary key where the question lets it, so that nothing need be sorted. #}
{%- from "places.sql" import key %}
{%- set columns = group_by | length + 2 %}
{%- for rows, period in parts %}
SELECT
    {%- for name in group_by %}
    {%- if name in PERIODS %}
    string_agg(int4send(k{{ loop.index0 }} - DATE '1970-01-01'), ''::bytea),
    {%- else %}
    string_agg(coalesce(k{{ loop.index0 }}, chr({{ NOTHING }})), chr({{ SEPARATOR }})),
    {%- endif %}
    {%- endfor %}
    string_agg(place, chr({{ SEPARATOR }})),
    string_agg(service, chr({{ SEPARATOR }})),
    string_agg(
        {%- for name in names %}
        float8send({{ name }}) {{- " ||" if not loop.last else "," }}
        {%- endfor %}
        ''::bytea
    )
FROM (
    SELECT
        {%- for name in group_by %}
        {{ key(name, geography, period) }} AS k{{ loop.index0 }},
        {%- endfor %}
        place,
        service
        {%- for name in names %},
        sum({{ name }}::float8) AS {{ name }}
        {%- endfor %}
    FROM ({{ rows }}) c
    GROUP BY {% for n in range(1, columns + 1) %}{{ n }}{{ ", " if not loop.last }}{% endfor %}
    ORDER BY {% for n in range(1, columns + 1) %}{{ n }}{{ ", " if not loop.last }}{% endfor %}
) p
{{ "UNION ALL" if not loop.last }}
{%- endfor %}
