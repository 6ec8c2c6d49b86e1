{# Waits and attention of people without an appointment, by region, state and unit. Sums of tickets mix people with and
   without one, so the tickets themselves are read. #}
SELECT
    CASE
        WHEN grouping(t.region) = 0 THEN t.region
        WHEN grouping(t.state) = 0 THEN t.state
        ELSE t.unit_id::text
    END AS place,
    t.service
    {%- for name in ("waited", "wait_seconds", "wait_seconds_sq", "attended", "service_seconds", "service_seconds_sq") %},
    sum({{ TICKET_MEASURES[name].expression }}) AS {{ name }}
    {%- endfor %}
FROM ticket t
WHERE t.walk_in
    AND t.appointment_id IS NULL
    AND t.service <> 'unknown'
    AND NOT t.service = ANY(:appointments)
    AND {{ LOCAL_DAY }} BETWEEN :since AND :until
GROUP BY GROUPING SETS ((t.region, t.service), (t.state, t.service), (t.unit_id, t.service))
