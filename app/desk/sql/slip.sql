{# A ticket of these units, or of any, by its id or by the code on its slip. #}
SELECT t.unit_id, t.id, t.code FROM desk_ticket t
WHERE t.unit_id = ANY (coalesce(CAST(:units AS uuid[]), ARRAY(SELECT u.id FROM unit u))) AND (t.id = CAST(:id AS uuid) OR t.code = CAST(:code AS text))
