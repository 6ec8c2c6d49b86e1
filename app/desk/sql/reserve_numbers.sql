{# Numbers that follow the last one given of a queue and day: no one else gets them, whether they are used or not. #}
WITH taken AS (
    INSERT INTO desk_number (unit_id, on_date, letter, last)
    VALUES (CAST(:unit_id AS uuid), CAST(:on_date AS date), :letter, CAST(:count AS integer))
    ON CONFLICT (unit_id, on_date, letter) DO UPDATE SET last = desk_number.last + CAST(:count AS integer)
    RETURNING last
)
INSERT INTO number_range (id, unit_id, device_id, on_date, letter, service, first, last, staff_id, reserved_at)
SELECT CAST(:id AS uuid), CAST(:unit_id AS uuid), CAST(:device_id AS uuid), CAST(:on_date AS date), :letter, :service,
    last - CAST(:count AS integer) + 1, last, CAST(:staff_id AS uuid), {{ now }}
FROM taken
RETURNING id, unit_id, device_id, on_date, letter, service, first, last
