{# Who has the appointments in the waves of a unit's days between two of its days, by age and by sex: people, and those
   who booked within the first hour. -#}
{% import "release.sql" as release with context -%}
{% set years = "extract(year FROM age(" ~ local_day("a.created_at", "u.timezone") ~ ", p.birth_on))" -%}
WITH taken AS (
    SELECT a.person_id, p.sex, a.created_at < w.released_at + interval '1 hour' AS is_at_once,
        CASE WHEN {{ years }} < 18 THEN '0-17' WHEN {{ years }} < 30 THEN '18-29' WHEN {{ years }} < 45 THEN '30-44'
            WHEN {{ years }} < 60 THEN '45-59' ELSE '60+' END AS age
    FROM released_wave w JOIN unit u ON u.id = w.unit_id
    JOIN appointment a ON a.unit_id = w.unit_id AND a.on_date = w.on_date AND a.room = w.room
        AND a.service = w.service AND a.status <> {{ Status.CANCELLED }}
        AND {{ release.percent("a.start_at AT TIME ZONE u.timezone", "a.on_date", "a.seat", "w") }} >= w.above
        AND {{ release.percent("a.start_at AT TIME ZONE u.timezone", "a.on_date", "a.seat", "w") }} < w.below
    JOIN person p ON p.id = a.person_id
    WHERE w.unit_id = CAST(:unit_id AS uuid)
        AND {{ local_day("w.released_at", "u.timezone") }} BETWEEN CAST(:first AS date) AND CAST(:last AS date)
)
SELECT g.dimension, g.value, count(DISTINCT t.person_id) AS people, count(*) AS taken,
    count(*) FILTER (WHERE t.is_at_once) AS at_once
FROM taken t CROSS JOIN LATERAL (VALUES ('age', t.age), ('sex', t.sex)) AS g(dimension, value)
GROUP BY g.dimension, g.value ORDER BY g.dimension, g.value
