SELECT {% include "person_facts.sql" %},
    (SELECT max(r.decided_at) FROM request r
        WHERE r.person_id = {{ person }} AND r.service = :service AND r.outcome = {{ Outcome.APPROVED }}) AS last_approved_at,
    (SELECT u.timezone FROM unit u WHERE u.id = CAST(:home_id AS uuid)) AS timezone,
    (SELECT u.is_operating FROM unit u WHERE u.id = CAST(:unit_id AS uuid)) AS is_operating,
    (SELECT bool_or(c.unit_id = CAST(:unit_id AS uuid)) FROM coverage c
        WHERE c.postal_code = CAST(:postal_code AS text)) AS is_served,
    (SELECT max(p.capacity - p.assigned) > 0 FROM panel p
        WHERE p.unit_id = CAST(:unit_id AS uuid) AND p.shift = CAST(:shift AS text)) AS has_place
