{# What devices recorded offline at a unit, since a day, with the ticket that it became: open conflicts of any day
   first. Of an appointment of another unit no one's name is shown. #}
SELECT e.id, e.kind, e.folio, a.person_id,
    nullif(concat_ws(' ', p.given_names, nullif(p.first_surname, ''), p.second_surname), '') AS full_name,
    coalesce(a.service, e.service) AS service, e.number,
    t.letter || '-' || lpad(t.number::text, 3, '0') AS ticket_number, t.id AS ticket_id, e.device_id, e.device_at,
    e.offset_seconds, e.happened_at, e.received_at, e.status, e.reason, e.resolved_at, u.timezone
FROM offline_entry e
JOIN unit u ON u.id = e.unit_id
LEFT JOIN appointment a ON a.folio = e.folio AND a.unit_id = e.unit_id
LEFT JOIN person p ON p.id = a.person_id
LEFT JOIN desk_ticket t ON (t.unit_id, t.id) = (e.unit_id, e.ticket_id)
WHERE e.unit_id = CAST(:unit_id AS uuid) AND (e.status = 'conflict' OR NOT CAST(:conflicts_only AS boolean))
    AND ((e.status = 'conflict' AND e.resolved_at IS NULL)
        OR e.on_date = coalesce(CAST(:on_date AS date), {{ today }}))
ORDER BY (e.status = 'conflict' AND e.resolved_at IS NULL) DESC, e.happened_at, e.id LIMIT :limit
