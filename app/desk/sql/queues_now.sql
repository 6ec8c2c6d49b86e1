{# The queues of a unit that had someone today: how many wait, since when the first, how many came. -#}
SELECT t.letter, t.service, count(*) FILTER (WHERE t.status = {{ TicketStatus.WAITING }}),
    min(t.arrived_at) FILTER (WHERE t.status = {{ TicketStatus.WAITING }}), count(*)
FROM desk_ticket t JOIN unit u ON u.id = t.unit_id
WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.on_date = {{ today }}
GROUP BY t.letter, t.service ORDER BY t.letter
