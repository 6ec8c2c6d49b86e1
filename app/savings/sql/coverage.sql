{# What of each period was released only together with others, and whether all its months were released. #}
{%- from "places.sql" import period_key %}
WITH together AS (
    SELECT
        {{ period_key(period) }} AS period,
        bool_or(service = '{{ OTHERS }}') AS services,
        bool_or('{{ OTHERS }}' IN (region, state, unit, dimension_value)) AS others
    FROM saving_released_block
    WHERE family = :family AND period BETWEEN :since AND :until AND dimension = :dimension
    GROUP BY 1
),
months AS (
    SELECT {{ period_key(period, "m.period") }} AS period, bool_and(coalesce(NOT r.is_suppressed, false)) AS are_whole
    FROM (SELECT unnest(CAST(:months AS date[])) AS period) m
    LEFT JOIN saving_release r ON r.period = m.period AND r.family = :family
    WHERE m.period >= (SELECT min(period) FROM saving_release)
    GROUP BY 1
)
SELECT
    period,
    coalesce(t.services, false) AS services,
    coalesce(t.others, false) AS others,
    NOT coalesce(m.are_whole, true) AS months
FROM together t
FULL JOIN months m USING (period)
