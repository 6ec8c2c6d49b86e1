UPDATE desk_ticket SET status = :status, left_because = CAST(:because AS text), counter = NULL,
    ended_at = CAST(:ended_at AS timestamptz), version = version + 1
WHERE unit_id = CAST(:unit_id AS uuid) AND id = CAST(:id AS uuid)
