{# Offers of a unit between two of its days, by class of need, by age and by sex of the person: how many entries were
   asked, how they answered, and the minutes from the freed seat to the acceptance. -#}
{% set years = "extract(year FROM age(" ~ local_day("o.made_at", "u.timezone") ~ ", p.birth_on))" -%}
WITH made AS (
    SELECT o.entry_id, o.answer, o.need, p.sex, extract(epoch FROM o.answered_at - f.freed_at) / 60 AS minutes,
        CASE WHEN {{ years }} < 18 THEN '0-17' WHEN {{ years }} < 30 THEN '18-29' WHEN {{ years }} < 45 THEN '30-44'
            WHEN {{ years }} < 60 THEN '45-59' ELSE '60+' END AS age
    FROM wait_offer o JOIN unit u ON u.id = o.unit_id JOIN person p ON p.id = o.person_id
    JOIN freed_seat f ON (f.unit_id, f.id) = (o.unit_id, o.freed_seat_id)
    WHERE o.unit_id = CAST(:unit_id AS uuid) AND f.draw_id IS NULL
        AND {{ local_day("o.made_at", "u.timezone") }} BETWEEN CAST(:first AS date) AND CAST(:last AS date)
)
SELECT g.dimension, g.value, count(DISTINCT m.entry_id) AS entries, count(*) AS offers,
    count(*) FILTER (WHERE m.answer = {{ OfferAnswer.ACCEPTED }}) AS accepted,
    count(*) FILTER (WHERE m.answer = {{ OfferAnswer.DECLINED }}) AS declined,
    count(*) FILTER (WHERE m.answer = {{ OfferAnswer.EXPIRED }}) AS expired,
    count(*) FILTER (WHERE m.answer = {{ OfferAnswer.UNREACHABLE }}) AS unreachable,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY m.minutes)
        FILTER (WHERE m.answer = {{ OfferAnswer.ACCEPTED }}) AS median_minutes
FROM made m CROSS JOIN LATERAL (VALUES ('need', m.need), ('age', m.age), ('sex', m.sex)) AS g(dimension, value)
GROUP BY g.dimension, g.value
ORDER BY array_position(ARRAY['need', 'age', 'sex'], g.dimension), g.value
