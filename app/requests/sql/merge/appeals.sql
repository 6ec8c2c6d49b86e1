UPDATE appeal SET applicant_id = CAST(:to AS uuid) WHERE applicant_id = CAST(:from AS uuid)
