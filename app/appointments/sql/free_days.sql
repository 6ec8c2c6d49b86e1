{% import "seat.sql" as seat -%}
SELECT s.on_date AS day, count(*) AS seats, min(s.start_at) AS first_at,
    min(s.start_at) FILTER (WHERE {{ seat.is_mine() }}) AS first_mine_at,
    count(*) FILTER (WHERE {{ seat.is_mine() }}) AS mine
FROM seat s
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
    AND s.on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date) AND {{ seat.is_shown("person") }}
    {%- if busy %} AND {{ seat.is_not_busy() }}{% endif %}
GROUP BY s.on_date ORDER BY s.on_date
