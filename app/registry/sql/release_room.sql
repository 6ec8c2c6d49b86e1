UPDATE panel SET assigned = assigned - 1 WHERE unit_id = CAST(:unit_id AS uuid) AND shift = :shift
    AND room = :room AND assigned > 0
