{# What a month's observations of a family are, by service and along each dimension: (dimension, service, region, state,
   unit, value), then for each requirement and imputed condition how many observations and how many people, then the
   amounts. A person counts in one group of a service and condition. #}
{%- set alias = "t" if family.of == "tickets" else "e" %}
{%- set values = family.dimensions | reject("equalto", "place") | list %}
{%- set conditions = (family.requirements.values() | list) + (family.imputed.values() | list) %}
SELECT
    {%- if values %}
    CASE{% for name in values %} WHEN grouping(d_{{ name }}) = 0 THEN '{{ name }}'{% endfor %} ELSE 'place' END,
    {%- else %}
    'place',
    {%- endif %}
    s,
    region,
    state,
    unit,
    {%- if values %}
    coalesce({% for name in values %}d_{{ name }}{{ ", " if not loop.last }}{% endfor %})
    {%- else %}
    CAST(NULL AS text)
    {%- endif %}
    {%- for _condition in conditions %},
    count(*) FILTER (WHERE r{{ loop.index0 }}),
    count(*) FILTER (WHERE r{{ loop.index0 }}_person)
    {%- endfor %}
    {%- for _name in family.amounts %},
    sum(a{{ loop.index0 }})
    {%- endfor %}
FROM (
    SELECT
        o.*
        {%- for _condition in conditions %},
        {%- set r = "r" ~ loop.index0 %}
        {{ r }}
            AND who IS NOT NULL
            AND row_number() OVER (PARTITION BY s, who, {{ r }} ORDER BY id) = 1
            AS {{ r }}_person
        {%- endfor %}
    FROM (
        SELECT {{ alias }}.s, {{ alias }}.who, {{ alias }}.id, {{ alias }}.region, {{ alias }}.state, {{ alias }}.unit
            {%- for name in values %},
            {{ alias }}.{{ column_of(name) }} AS d_{{ name }}
            {%- endfor %}
            {%- for condition in conditions %},
            coalesce({{ condition }}, false) AS r{{ loop.index0 }}
            {%- endfor %}
            {%- for expression in family.amounts.values() %},
            ({{ expression }})::bigint AS a{{ loop.index0 }}
            {%- endfor %}
        FROM (
            {%- if family.of == "transactions" %}
            SELECT e.*, e.counts_as AS s, nullif(e.person_id, '{{ UNKNOWN_PERSON }}') AS who, '' AS unit
            FROM service_transaction e
            WHERE e.day BETWEEN :first AND :last
            {%- elif family.of == "tickets" %}
            SELECT t.*, t.service AS s, coalesce(t.person_id, t.id) AS who, t.unit_id::text AS unit
            FROM ticket t
            WHERE {{ LOCAL_DAY }} BETWEEN :first AND :last
            {%- else %}
            {#- A visit with an appointment isn't counted again: the appointment was, when it was made. #}
            SELECT
                e.counts_as AS s,
                nullif(e.person_id, '{{ UNKNOWN_PERSON }}') AS who,
                e.id,
                e.region,
                e.state,
                '' AS unit,
                CASE
                    WHEN e.channel IN ({{ ONLINE_CHANNELS }}) THEN 'online'
                    WHEN e.channel = {{ Channel.PHONE }} THEN 'phone'
                    ELSE 'desk'
                END AS way
            FROM service_transaction e
            WHERE e.day BETWEEN :first AND :last
                AND e.is_own
                AND NOT e.is_absorbed
                AND e.outcome = {{ Outcome.COMPLETED }}
            UNION ALL
            SELECT t.service, coalesce(t.person_id, t.id), t.id, t.region, t.state, '', 'walk-in'
            FROM ticket t
            WHERE t.walk_in AND {{ LOCAL_DAY }} BETWEEN :first AND :last
            {%- endif %}
        ) {{ alias }}
        WHERE {{ family.where }}
    ) o
) f
GROUP BY GROUPING SETS (
    (s, region, state, unit)
    {%- for name in values %},
    (s, d_{{ name }})
    {%- endfor %}
)
