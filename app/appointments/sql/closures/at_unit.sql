SELECT {% include "closures/affected.sql" %}, a.affected AS reason FROM appointment a
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.status = {{ Status.BOOKED }} AND a.affected IS NOT NULL
    AND a.start_at > :now
    AND (CAST(:after AS text) IS NULL
        OR (a.start_at, a.folio) > (CAST(:after_at AS timestamptz), CAST(:after AS text)))
ORDER BY a.start_at, a.folio LIMIT :limit
