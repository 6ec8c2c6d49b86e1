{# Who sits at which counter, since when, with which ticket; and what they attended today. #}
SELECT s.counter, r.kind, r.name, s.staff_id, m.full_name AS staff_name, s.services, s.status, s.opened_at, s.changed_at,
    {{ printed("t") }} AS ticket_number, t.status AS ticket_status,
    coalesce(t.served_at, t.called_at) AS ticket_since,
    (
        SELECT count(*) FROM desk_ticket d
        WHERE d.unit_id = s.unit_id AND d.on_date = {{ today }} AND d.called_by = s.staff_id
            AND d.status = {{ TicketStatus.DONE }}
    ) AS attended
FROM counter_session s
JOIN unit u ON u.id = s.unit_id
JOIN room r ON (r.unit_id, r.number) = (s.unit_id, s.counter)
JOIN staff m ON m.id = s.staff_id
LEFT JOIN desk_ticket t ON (t.unit_id, t.counter) = (s.unit_id, s.counter)
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.status <> 'closed'
ORDER BY s.counter
