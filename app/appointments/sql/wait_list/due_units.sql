SELECT DISTINCT unit_id FROM freed_seat WHERE outcome IS NULL AND look_at <= :now ORDER BY unit_id
