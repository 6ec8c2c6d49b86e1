{# Whether a citizen sees the appointment `a`: their own, and those of their dependants under 18. -#}
{% set today = local_day(now, "u.timezone") -%}
(a.person_id = CAST(:actor_id AS uuid) OR EXISTS (
    SELECT 1 FROM dependant d WHERE d.holder_id = CAST(:holder_id AS uuid) AND d.person_id = a.person_id
        AND {{ is_registered("d", today) }}
        AND {{ is_minor("(SELECT m.birth_on FROM person m WHERE m.id = d.person_id)", today) }}))
