UPDATE seat s SET closed_by = CASE WHEN {% include "schedules/fits.sql" %} THEN NULL ELSE n.id END
FROM unit u, schedule n
WHERE u.id = s.unit_id AND n.id = CAST(:id AS uuid) AND s.unit_id = n.unit_id AND s.start_at > :now
    AND s.state = {{ SeatState.BOOKED }} AND (s.closed_by = n.id OR ({% include "schedules/of_schedule.sql" %}
        AND NOT {% include "schedules/fits.sql" %}))
