{# Whether any schedule of a service at a unit releases its seats in waves or by draw, or a draw goes on still. -#}
SELECT EXISTS (SELECT FROM schedule
        WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND release IS NOT NULL)
    OR EXISTS (SELECT FROM draw
        WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND status <> {{ DrawStatus.ENDED }})
