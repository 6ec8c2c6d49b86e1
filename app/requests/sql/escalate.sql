{# Late by the clock of its unit; `latest`, the last date that it is anywhere, lets the index of deadlines find them. #}
UPDATE work_item w SET escalated_at = CAST(:now AS timestamptz)
FROM (
    SELECT w.unit_id, w.request_id FROM work_item w LEFT JOIN unit z ON z.id = w.unit_id
    WHERE w.due_on < CAST(:latest AS date) AND w.due_on < {{ today }} AND w.escalated_at IS NULL
    ORDER BY w.due_on LIMIT :batch FOR UPDATE OF w SKIP LOCKED
) late
WHERE (w.unit_id, w.request_id) = (late.unit_id, late.request_id)
RETURNING w.request_id, w.person_id, w.unit_id, w.service, w.folio, w.due_on
