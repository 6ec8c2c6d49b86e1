SELECT u.is_operating, u.timezone,
    (SELECT min(free_from) FROM seat WHERE unit_id = u.id AND service = :service
        AND on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date) AND state = {{ SeatState.FREE }}
        AND free_from > :now AND start_at > :now AND freed_by IS NOT NULL) AS releases_at,
    (SELECT min(free_from) FROM seat WHERE unit_id = u.id AND service = :service
        AND on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date) AND state = {{ SeatState.FREE }}
        AND free_from > :now AND start_at > :now AND freed_by IS NULL) AS first_released_at,
    (SELECT count(*) FROM seat WHERE unit_id = u.id AND service = :service
        AND on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date) AND start_at > :now
        AND state IN ({{ SeatState.BOOKED }}, {{ SeatState.HELD }})) AS taken,
    (SELECT min(starts) FROM shift WHERE unit_id = u.id) AS opens
FROM unit u WHERE u.id = CAST(:unit_id AS uuid)
