{# When the seats of a schedule that aren't released yet are: after a change of its release or its hours. What people
   could have is left as it is, and so are the days of a draw whose registration has opened. -#}
{% import "release.sql" as release with context -%}
{% set local = "s.start_at AT TIME ZONE u.timezone" -%}
UPDATE seat s SET free_from = {{ release.released_at(local, "s.on_date", "s.seat", "n", "u.timezone") }}
FROM unit u, schedule n
WHERE n.id = CAST(:id AS uuid) AND u.id = n.unit_id AND s.unit_id = n.unit_id AND s.room = n.room
    AND s.state IN ({{ SeatState.FREE }}, {{ SeatState.CLOSED }}) AND s.freed_by IS NULL AND s.start_at > :now
    AND (s.free_from > :now OR s.on_date > {{ last_open_day }})
    AND NOT EXISTS (SELECT FROM draw w WHERE w.unit_id = n.unit_id AND w.schedule_id = n.id AND w.on_date = s.on_date
        AND w.status <> {{ DrawStatus.ENDED }})
    AND {% include "schedules/fits.sql" %}
