SELECT on_date FROM holiday WHERE (unit_id IS NULL OR unit_id = CAST(:unit_id AS uuid))
    AND on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date)
