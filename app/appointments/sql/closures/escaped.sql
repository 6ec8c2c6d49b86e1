{# Seats that were made while a closure was being written escaped it; the next generation of seats finds them. -#}
SELECT DISTINCT e.id FROM schedule_exception e JOIN seat s ON s.unit_id = e.unit_id
    AND s.start_at >= e.starts_at AND s.start_at < e.ends_at
    AND (e.room IS NULL OR e.room = s.room) AND (e.shift IS NULL OR e.shift = s.shift)
WHERE e.unit_id = CAST(:unit_id AS uuid) AND e.ends_at > :now AND s.start_at > :now AND s.closed_by IS NULL
