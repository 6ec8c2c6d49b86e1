{# Readings of access, how many had a third time, their days and the squares of those: added up by unit first, since there
   are many days to a unit and few units to look up. #}
{%- from "places.sql" import conditions, period_key %}
SELECT *
FROM (
    SELECT
        {{ period_key(period, "on_date") if period else "DATE '2000-01-01'" }} AS period,
        unit_id::text AS place,
        service,
        count(days) AS readings,
        coalesce(sum(days), 0) AS days,
        coalesce(sum(days::bigint * days), 0) AS days_sq
    FROM saving_access_reading
    WHERE on_date BETWEEN :since AND :until
    GROUP BY 1, 2, 3
) r
WHERE true
    {{- conditions(filters, geography) }}
