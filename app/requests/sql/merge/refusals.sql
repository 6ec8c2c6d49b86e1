UPDATE refusal SET notified_to = CAST(:to AS uuid) WHERE notified_to = CAST(:from AS uuid)
