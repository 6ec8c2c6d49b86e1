(CAST(:units AS uuid[]) IS NULL OR w.unit_id = ANY(CAST(:units AS uuid[]))) AND w.role = ANY(CAST(:roles AS text[]))
