SELECT DISTINCT y.id FROM holiday y JOIN seat s ON s.on_date = y.on_date
WHERE s.unit_id = CAST(:unit_id AS uuid) AND (y.unit_id IS NULL OR y.unit_id = s.unit_id)
    AND s.start_at > :now AND s.closed_by IS NULL
