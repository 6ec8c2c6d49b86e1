SELECT r.folio, r.service, r.kind, r.outcome, r.unit_id, u.name
FROM request r LEFT JOIN unit u ON u.id = r.unit_id
WHERE r.person_id = CAST(:person_id AS uuid) AND r.kind IN ({{ OPEN_KINDS }})
ORDER BY r.submitted_at DESC, r.folio LIMIT :limit
