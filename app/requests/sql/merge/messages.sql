UPDATE request_message SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
    AND request_id IN (SELECT id FROM request WHERE person_id = CAST(:to AS uuid))
