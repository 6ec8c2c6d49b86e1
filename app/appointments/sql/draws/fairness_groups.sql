{# Who registered for the draws of a unit that were drawn since an instant, by age and by sex: people, registrations that
   were drawn, those that were offered a seat, and those that accepted one. -#}
{% set years = "extract(year FROM age(" ~ local_day("r.registered_at", "u.timezone") ~ ", p.birth_on))" -%}
WITH drawn AS (
    SELECT r.person_id, p.sex, e.end_reason = {{ EndReason.ACCEPTED }} AS is_accepted,
        EXISTS (SELECT FROM wait_offer o WHERE (o.unit_id, o.entry_id) = (r.unit_id, r.id)) AS is_offered,
        CASE WHEN {{ years }} < 18 THEN '0-17' WHEN {{ years }} < 30 THEN '18-29' WHEN {{ years }} < 45 THEN '30-44'
            WHEN {{ years }} < 60 THEN '45-59' ELSE '60+' END AS age
    FROM draw_registration r JOIN draw w ON (w.unit_id, w.id) = (r.unit_id, r.draw_id)
    JOIN unit u ON u.id = r.unit_id JOIN person p ON p.id = r.person_id
    LEFT JOIN wait_entry e ON (e.unit_id, e.id) = (r.unit_id, r.id)
    WHERE r.unit_id = CAST(:unit_id AS uuid) AND r.position IS NOT NULL AND w.drawn_at > CAST(:since AS timestamptz)
)
SELECT g.dimension, g.value, count(DISTINCT d.person_id) AS people, count(*) AS registrations,
    count(*) FILTER (WHERE d.is_offered) AS offered, count(*) FILTER (WHERE d.is_accepted) AS accepted
FROM drawn d CROSS JOIN LATERAL (VALUES ('age', d.age), ('sex', d.sex)) AS g(dimension, value)
GROUP BY g.dimension, g.value ORDER BY g.dimension, g.value
