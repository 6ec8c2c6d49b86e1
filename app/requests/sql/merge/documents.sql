UPDATE document SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
    AND subject_id IN (SELECT id FROM request WHERE person_id = CAST(:to AS uuid))
