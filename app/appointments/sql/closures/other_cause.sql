{# Another exception or day off may still cover a seat: then it stays closed, under that one. -#}
coalesce(
    (SELECT e.id FROM schedule_exception e WHERE e.unit_id = s.unit_id AND e.id <> CAST(:id AS uuid)
        AND (e.room IS NULL OR e.room = s.room) AND (e.shift IS NULL OR e.shift = s.shift)
        AND e.starts_at <= s.start_at AND s.start_at < e.ends_at ORDER BY e.id LIMIT 1),
    (SELECT y.id FROM holiday y WHERE y.on_date = s.on_date AND y.id <> CAST(:id AS uuid)
        AND (y.unit_id IS NULL OR y.unit_id = s.unit_id) ORDER BY y.id LIMIT 1))
