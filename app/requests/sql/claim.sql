{# Take the request that comes first and record it: pick, take, record. `at_once` also finds the caller by their token, and
   where they may take work at once: the unit they name, when it is theirs, or the only one they have. Their `queues`
   say by role which work is theirs; a role that they don't name takes none. #}
WITH
{%- if at_once %}
acting AS ({{ active_staff }}),
place AS (
    SELECT COALESCE(CAST(:unit_id AS uuid), units[1]) AS unit_id, CAST(:queues AS jsonb) -> role AS queues
    FROM acting
    WHERE CAST(:queues AS jsonb) ? role AND CASE WHEN CAST(:unit_id AS uuid) IS NULL THEN cardinality(units) = 1
        ELSE units IS NULL OR CAST(:unit_id AS uuid) = ANY(units) END
),
{%- endif %}
{# What this very claim took before, when its answer was lost on the way. IS TRUE keeps the planner off the index of
   leases: while its statistics say that nothing is held, it would read every lease there is. -#}
mine AS (
    SELECT folio, service, due_on, lease_until FROM work_item
    WHERE holder_id = CAST(:me AS uuid) AND claim_key = :claim_key AND (lease_until > :now) IS TRUE
),
pick AS (
    SELECT w.unit_id, w.request_id FROM work_item w{% if narrow %} LEFT JOIN unit z ON z.id = w.unit_id{% endif %}
    WHERE {% if at_once -%}
        w.unit_id = (SELECT unit_id FROM place) AND (SELECT queues FROM place) ? w.role
        {%- else -%}
        w.role = ANY(CAST(:roles AS text[]))
        {%- endif %}
        {%- if scope == "unit" %} AND w.unit_id = CAST(:unit_id AS uuid)
        {%- elif scope == "units" %} AND w.unit_id = ANY(CAST(:units AS uuid[]))
        {%- elif scope == "lapsed" %} AND (CAST(:units AS uuid[]) IS NULL OR w.unit_id = ANY(CAST(:units AS uuid[])))
        {%- endif %}
        AND {{ "w.lease_until <= :now" if scope == "lapsed" else "w.holder_id IS NULL" }}
        AND CAST(:me AS uuid) <> ALL (w.excluded_ids)
        AND {% if narrow %}{% include "queue_filter.sql" %}{% else -%}
        (CAST(:services AS text[]) IS NULL OR w.service = ANY(CAST(:services AS text[]))){% endif %}
        AND NOT EXISTS (SELECT 1 FROM mine)
    ORDER BY w.rank_on, w.submitted_at, w.request_id LIMIT 1 FOR UPDATE OF w SKIP LOCKED
),
taken AS (
    UPDATE work_item w SET holder_id = CAST(:me AS uuid), claim_key = :claim_key,
        lease_until = CAST(:lease_until AS timestamptz)
    FROM pick WHERE (w.unit_id, w.request_id) = (pick.unit_id, pick.request_id)
    RETURNING w.unit_id, w.request_id, w.person_id, w.folio, w.service, w.due_on, w.lease_until
),
recorded AS (
    {{ insert_event(
        id="CAST(:event_id AS uuid)",
        at="CAST(:now AS timestamptz)",
        type="CAST(:event_type AS text)",
        subject_id="t.request_id",
        person_id="t.person_id",
        unit_id="NULLIF(t.unit_id, '" ~ NO_UNIT ~ "')",
        actor_kind="'staff'",
        actor_id="CAST(:me AS uuid)",
        channel="CAST(:channel AS text)",
        service="t.service",
        payload="jsonb_build_object('folio', t.folio, 'lease_until', t.lease_until)",
    ) }}
    FROM taken t
    RETURNING {{ notify("'queue'") }}, {{ notify("'queue:' || coalesce(CAST(unit_id AS text), '')") }},
        {{ notify("'person:' || person_id") }}
),
answer AS (
    SELECT folio, service, due_on, lease_until FROM mine
    UNION ALL SELECT folio, service, due_on, lease_until FROM taken
)
{% if at_once -%}
SELECT a.role, a.units, c.folio, c.service, c.due_on, c.lease_until, CAST(:call AS integer) AS call
FROM acting a LEFT JOIN answer c ON true
{%- else -%}
SELECT folio, service, due_on, lease_until FROM answer
{%- endif %}
