{# The times of a unit that anyone can have, each room's by itself, after a time and room; `counts`: how many. -#}
{% import "seat.sql" as seat -%}
{% if counts %}SELECT count(*) FROM (SELECT DISTINCT s.start_at, s.room
{%- else %}SELECT s.service, s.room, s.start_at, s.minutes, count(*) AS seats{% endif %}
FROM seat s
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = ANY(CAST(:services AS text[]))
    AND s.on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    AND (CAST(:rooms AS integer[]) IS NULL OR s.room = ANY(CAST(:rooms AS integer[])))
    AND s.start_at < CAST(:before AS timestamptz) AND {{ seat.is_shown() }}
{%- if counts %}) one{% else %}
    AND (s.start_at, s.room) > (CAST(:after_at AS timestamptz), CAST(:after_room AS integer))
GROUP BY s.service, s.start_at, s.room, s.minutes ORDER BY s.start_at, s.room LIMIT :limit
{%- endif %}
