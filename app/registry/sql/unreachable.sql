{# A contact of the account, as sure as needed and not frozen, or the registry's, unless a frozen account has it too. A
   holder's must be as sure as can be. -#}
SELECT p.id FROM person p WHERE p.id = ANY(CAST(:people AS uuid[])) AND NOT EXISTS (
    SELECT 1 FROM (
        SELECT p.id AS id, CAST(:needed AS text) AS needed
        UNION ALL
        SELECT d.holder_id, {{ Assurance.FULL }} FROM dependant d
        WHERE NOT :alone AND d.person_id = p.id AND {{ is_registered("d", "CAST(:day AS date)") }}
            AND {{ is_minor("p.birth_on", "CAST(:day AS date)") }}
    ) who
    JOIN person q ON q.id = who.id LEFT JOIN account a ON a.person_id = q.id
    WHERE (q.email <> '' AND (a.frozen_at IS NULL OR lower(q.email) IS DISTINCT FROM lower(a.email)))
        OR (q.phone <> '' AND (a.frozen_at IS NULL OR q.phone IS DISTINCT FROM a.phone))
        OR (a.frozen_at IS NULL AND (a.email IS NOT NULL OR a.phone IS NOT NULL)
            AND (who.needed = {{ Assurance.LOW }} OR a.assurance = {{ Assurance.FULL }}))
)
