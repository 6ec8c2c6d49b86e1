{# When seats of a service at a unit that can't be had yet are released, soonest first: how many, of which days. Nothing
   is read where no schedule releases its seats so. -#}
SELECT s.free_from AS at, count(*) AS seats, min(s.on_date) AS first_day, max(s.on_date) AS last_day
FROM seat s
WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service AND s.on_date >= CAST(:today AS date)
    AND s.state = {{ SeatState.FREE }} AND s.freed_by IS NULL AND s.free_from > :now
    AND EXISTS (SELECT FROM schedule n
        WHERE n.unit_id = CAST(:unit_id AS uuid) AND n.service = :service AND n.release IS NOT NULL)
GROUP BY s.free_from ORDER BY s.free_from LIMIT :most
