UPDATE work_item w SET holder_id = NULL, lease_until = NULL, claim_key = NULL
FROM (
    SELECT unit_id, request_id, holder_id FROM work_item WHERE lease_until <= :now
    ORDER BY lease_until LIMIT :batch FOR UPDATE SKIP LOCKED
) lapsed
WHERE (w.unit_id, w.request_id) = (lapsed.unit_id, lapsed.request_id)
RETURNING w.request_id, w.person_id, w.unit_id, w.service, w.folio, lapsed.holder_id
