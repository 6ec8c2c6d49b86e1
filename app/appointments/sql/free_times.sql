{# At each time the person's own room first, then the lowest number: one row a time. -#}
{% import "seat.sql" as seat -%}
SELECT DISTINCT ON (s.start_at) s.start_at, s.room, s.minutes,
    count(*) OVER (PARTITION BY s.start_at) AS seats, {{ seat.is_mine() }} AS is_mine
FROM seat s
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service AND s.on_date {% if days %}= ANY(CAST(:days AS date[])){% else %}= CAST(:day AS date){% endif %}
    AND s.on_date <= CAST(:last AS date) AND {{ seat.is_shown("person") }}
    {%- if busy %} AND {{ seat.is_not_busy() }}{% endif %}
ORDER BY s.start_at, {{ seat.is_mine() }} DESC, s.room
