{# A ticket of these units, by its id or by the code on its slip. #}
SELECT t.unit_id, t.id, t.code FROM desk_ticket t
WHERE t.unit_id = ANY (CAST(:units AS uuid[])) AND (t.id = CAST(:id AS uuid) OR t.code = CAST(:code AS text))
