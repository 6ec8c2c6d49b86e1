{# The queues of a unit that had someone today: how many wait, since when the first, how many came. A ticket that was sent
   on keeps its letter, and stands in the queue of its service. -#}
SELECT q.letter, q.service, count(*) FILTER (WHERE t.status = {{ TicketStatus.WAITING }}),
    min(t.arrived_at) FILTER (WHERE t.status = {{ TicketStatus.WAITING }}), count(*)
FROM desk_queue q
JOIN unit u ON u.id = q.unit_id
JOIN desk_ticket t ON t.unit_id = q.unit_id AND t.service = q.service AND t.on_date = {{ today }}
WHERE q.unit_id = CAST(:unit_id AS uuid)
GROUP BY q.letter, q.service ORDER BY q.letter
