{# A row for each queue of a day: who waits, how long people waited until they were called (the first call isn't kept:
   the last one is what was answered), and how the rest ended. Waits are of tickets that were called, in seconds. #}
SELECT q.letter, q.service,
    count(*) FILTER (WHERE t.status = {{ TicketStatus.WAITING }}) AS waiting,
    count(*) FILTER (WHERE t.status IN ({{ AT_COUNTER }})) AS at_counter,
    count(*) FILTER (WHERE t.status = {{ TicketStatus.PARKED }}) AS coming_back,
    min(t.arrived_at) FILTER (WHERE t.status = {{ TicketStatus.WAITING }}) AS waiting_since,
    count(*) FILTER (WHERE t.status = {{ TicketStatus.DONE }}) AS attended,
    count(w.seconds) AS called,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY w.seconds) AS median_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY w.seconds) AS p90_seconds,
    count(*) FILTER (WHERE t.left_because = {{ LeftBecause.NO_ANSWER }}) AS no_answers,
    count(*) FILTER (WHERE t.left_because = {{ LeftBecause.GAVE_UP }}) AS gave_up,
    count(*) FILTER (WHERE t.left_because = {{ LeftBecause.CLOSED }}) AS unserved
FROM desk_queue q
JOIN unit u ON u.id = q.unit_id
LEFT JOIN desk_ticket t ON t.unit_id = q.unit_id AND t.service = q.service
    AND t.on_date = coalesce(CAST(:on_date AS date), {{ today }})
LEFT JOIN LATERAL (
    SELECT extract(epoch FROM coalesce(t.served_at, t.called_at) - t.arrived_at)::float AS seconds
) w ON true
WHERE q.unit_id = CAST(:unit_id AS uuid)
GROUP BY q.letter, q.service ORDER BY q.letter
