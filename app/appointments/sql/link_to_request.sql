UPDATE appointment SET request_id = CAST(:request_id AS uuid) WHERE unit_id = CAST(:unit_id AS uuid)
    AND folio = :folio
