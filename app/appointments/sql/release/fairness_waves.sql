{# The waves of a unit's days between two of its days, by service and number: their seats, and the appointments in
   these, booked within the first hour or later. -#}
{% import "release.sql" as release with context -%}
SELECT w.service, w.wave, count(*) AS days, sum(w.seats) AS seats, sum(t.taken) AS taken, sum(t.at_once) AS at_once
FROM released_wave w LEFT JOIN schedule n ON n.id = w.schedule_id JOIN unit u ON u.id = w.unit_id
CROSS JOIN LATERAL (
    SELECT count(*) AS taken,
        count(*) FILTER (WHERE a.created_at < w.released_at + interval '1 hour') AS at_once
    FROM appointment a
    WHERE a.unit_id = w.unit_id AND a.on_date = w.on_date AND a.room = w.room AND a.service = w.service
        AND {{ release.is_of("a.start_at AT TIME ZONE u.timezone", "a.on_date", "n") }} AND a.status <> {{ Status.CANCELLED }}
        AND {{ release.percent("a.start_at AT TIME ZONE u.timezone", "a.on_date", "a.seat", "w") }} >= w.above
        AND {{ release.percent("a.start_at AT TIME ZONE u.timezone", "a.on_date", "a.seat", "w") }} < w.below
) t
WHERE w.unit_id = CAST(:unit_id AS uuid)
    AND {{ local_day("w.released_at", "u.timezone") }} BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY w.service, w.wave ORDER BY w.service, w.wave
