r.kind <> {{ StateKind.DRAFT }} AND (CAST(:units AS uuid[]) IS NULL OR r.unit_id = ANY(CAST(:units AS uuid[])))
