{# The freed seats of a unit between two of its days: what became of them, and the minutes to acceptance. -#}
{% set minutes = "extract(epoch FROM o.answered_at - f.freed_at) / 60" -%}
SELECT count(*) AS freed, count(*) FILTER (WHERE f.outcome = {{ Outcome.ACCEPTED }}) AS filled,
    count(*) FILTER (WHERE f.outcome = {{ Outcome.RETURNED }}) AS returned,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY {{ minutes }}) AS median_minutes,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY {{ minutes }}) AS p90_minutes
FROM freed_seat f JOIN unit u ON u.id = f.unit_id
LEFT JOIN wait_offer o ON (o.unit_id, o.freed_seat_id) = (f.unit_id, f.id) AND o.answer = {{ OfferAnswer.ACCEPTED }}
WHERE f.unit_id = CAST(:unit_id AS uuid) AND f.draw_id IS NULL
    AND {{ local_day("f.freed_at", "u.timezone") }} BETWEEN CAST(:first AS date) AND CAST(:last AS date)
