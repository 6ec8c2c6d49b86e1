SELECT t.unit_id FROM desk_ticket t WHERE t.id = CAST(:id AS uuid) AND t.unit_id = ANY (CAST(:units AS uuid[]))
