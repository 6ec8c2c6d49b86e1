{# Times at the counter of the last months, from the last call to the end, at each level. Shorter ones are mistakes at the
   counter, longer ones a ticket that was never ended. #}
INSERT INTO desk_service_time (service, level, place, weekday, hours, n, mean, variance)
SELECT service,
    CASE WHEN grouping(hours) = 0 THEN 4 WHEN grouping(unit_id) = 0 THEN 3 WHEN grouping(state_code) = 0 THEN 2 ELSE 1
    END,
    coalesce(unit_id::text, state_code, ''), coalesce(weekday, 0), coalesce(hours, -1),
    count(*), avg(minutes), coalesce(var_samp(minutes), 0.3)
FROM (
    SELECT t.service, u.state_code, t.unit_id,
        extract(isodow FROM t.called_at AT TIME ZONE u.timezone)::smallint AS weekday,
        (extract(hour FROM t.called_at AT TIME ZONE u.timezone)::integer / 2)::smallint AS hours,
        ln(extract(epoch FROM t.ended_at - t.called_at)::float8 / 60) AS minutes
    FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
    WHERE t.status = {{ TicketStatus.DONE }} AND t.on_date > CAST(:today AS date) - CAST(:days AS integer)
        AND t.ended_at - t.called_at BETWEEN interval '20 seconds' AND interval '3 hours'
) s
GROUP BY GROUPING SETS ((service), (service, state_code), (service, unit_id), (service, unit_id, weekday, hours))
