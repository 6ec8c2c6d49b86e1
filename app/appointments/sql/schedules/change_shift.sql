UPDATE seat s SET shift = n.shift FROM unit u, schedule n
WHERE u.id = s.unit_id AND n.id = CAST(:id AS uuid) AND {% include "schedules/of_schedule.sql" %}
    AND {% include "schedules/fits.sql" %} AND s.shift <> n.shift
