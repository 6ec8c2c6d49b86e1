{% import "seat.sql" as seat -%}
SELECT s.start_at FROM seat s
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
    AND s.on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date) AND {{ seat.is_shown() }}
ORDER BY s.on_date, s.start_at OFFSET CAST(:skip AS integer) LIMIT 1
