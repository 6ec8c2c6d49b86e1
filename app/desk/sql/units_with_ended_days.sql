{# Units where a ticket, a counter or an appointment of a day before today is open; of appointments, those of days on
   which the desk recorded that someone came. #}
SELECT u.id FROM unit u
WHERE EXISTS (SELECT FROM desk_ticket t WHERE t.unit_id = u.id AND t.status IN ({{ OPEN }}) AND t.on_date < {{ today }})
    OR EXISTS (
        SELECT FROM counter_session s
        WHERE s.unit_id = u.id AND s.status <> 'closed' AND {{ local_day("s.opened_at", "u.timezone") }} < {{ today }}
    )
    OR EXISTS (
        SELECT FROM appointment a
        WHERE a.unit_id = u.id AND a.status = {{ AppointmentStatus.BOOKED }} AND a.on_date < {{ today }}
            AND NOT {% include "awaits_answer.sql" %}
            AND EXISTS (SELECT FROM desk_ticket t WHERE t.unit_id = u.id AND t.on_date = a.on_date)
    )
ORDER BY u.id
