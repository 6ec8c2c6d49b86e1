(CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[]))) AND r.stopped_at IS NOT NULL
