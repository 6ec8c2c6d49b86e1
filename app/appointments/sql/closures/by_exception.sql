s.unit_id = CAST(:unit_id AS uuid) AND s.start_at >= CAST(:starts_at AS timestamptz)
AND s.start_at < CAST(:ends_at AS timestamptz)
AND (CAST(:room AS integer) IS NULL OR s.room = CAST(:room AS integer))
AND (CAST(:shift AS text) IS NULL OR s.shift = CAST(:shift AS text))
