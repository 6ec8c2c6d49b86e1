UPDATE work_item SET person_id = CAST(:to AS uuid) WHERE person_id = CAST(:from AS uuid)
