SELECT r.unit_id, r.number, r.kind, r.name, s.id, s.staff_id, m.full_name, s.services, s.status, s.changed_at,
    t.id AS ticket_id, {{ printed("t") }} AS ticket_number, t.version AS ticket_version
FROM room r
LEFT JOIN counter_session s ON (s.unit_id, s.counter) = (r.unit_id, r.number) AND s.status <> 'closed'
LEFT JOIN staff m ON m.id = s.staff_id
LEFT JOIN desk_ticket t ON (t.unit_id, t.counter) = (r.unit_id, r.number)
