{# Whether the actor is a person or who acts for them, by the clock where the person is attended; and their unit. -#}
{% set today = local_day(now, "coalesce(h.timezone, " ~ default_zone ~ ")") -%}
SELECT p.id = CAST(:actor_id AS uuid) OR EXISTS (
        SELECT 1 FROM dependant d WHERE d.holder_id = CAST(:holder_id AS uuid) AND d.person_id = p.id
        AND {{ is_registered("d", today) }} AND {{ is_minor("p.birth_on", today) }}) AS is_theirs, p.unit_id
FROM person p LEFT JOIN unit h ON h.id = p.unit_id WHERE p.id = CAST(:person_id AS uuid)
