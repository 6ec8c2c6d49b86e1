SELECT CAST(:unit_id AS uuid) AS unit_id, CAST(:service AS text) AS service, CAST(:room AS integer) AS room,
    CAST(:start_at AS timestamptz) AS start_at, true AS is_live,
    (SELECT s.minutes FROM seat s WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.room = CAST(:room AS integer)
        AND s.start_at = CAST(:start_at AS timestamptz) LIMIT 1) AS minutes
