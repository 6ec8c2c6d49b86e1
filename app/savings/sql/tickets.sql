{# From the desks' events to tickets. A ticket keeps its steps, and what it is follows from all of them in the order in
   which they happened: the same ticket in any order of arrival, however often an event is delivered.

   Whose it is, for which appointment and whether it came without one is what its arrival says that was recorded last: a
   person or appointment that it got later, or a wrong one that was corrected. Its service is the one it came for; a transfer says where it came from. Of several departures the latest counts, and
   the person is at the unit again when a return is later than that. Time being served is from each beginning of service
   to the next transfer or departure; it is known when the ticket has ended and none of them is open. #}
{%- macro first(type) -%}
    min(at) FILTER (WHERE type = {{ type }})
{%- endmacro %}
{%- macro recorded_last(column) -%}
    (array_agg({{ column }} ORDER BY id DESC) FILTER (WHERE type = {{ EventType.ARRIVED }}))[1]
{%- endmacro %}
{%- set latest = "ORDER BY at DESC, id DESC" %}
INSERT INTO ticket AS t (
    unit_id, id, event_ids, steps, person_id, service, state, region, timezone, appointment_id, walk_in, arrived_at,
    called_at, served_at, served_seconds, left_at, outcome
)
WITH new AS MATERIALIZED (
    SELECT
        b.unit_id,
        b.subject_id AS ticket_id,
        b.id,
        b.type,
        CAST(b.payload->>'happened_at' AS timestamptz) AS at,
        b.payload->>'outcome' AS outcome,
        coalesce(b.payload->>'from_service', b.service) AS service,
        b.person_id,
        CAST(b.payload->>'appointment_id' AS uuid) AS appointment_id,
        CAST(b.payload->>'walk_in' AS bool) AS walk_in
    FROM event_batch b
    WHERE b.type IN ({{ TICKETS }})
        AND b.unit_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM ticket k WHERE (k.unit_id, k.id) = (b.unit_id, b.subject_id) AND b.id = ANY(k.event_ids)
        )
),
step AS (
    SELECT unit_id, ticket_id, id, type, at, outcome, service, person_id, appointment_id, walk_in FROM new
    UNION ALL
    SELECT k.unit_id, k.id, s.id, s.type, s.at, s.outcome, s.service, s.person_id, s.appointment_id, s.walk_in
    FROM (SELECT DISTINCT unit_id, ticket_id FROM new) n
    JOIN ticket k ON (k.unit_id, k.id) = (n.unit_id, n.ticket_id)
    CROSS JOIN LATERAL jsonb_to_recordset(k.steps) s (
        id uuid, type text, at timestamptz, outcome text, service text, person_id uuid, appointment_id uuid,
        walk_in bool
    )
),
timed AS (
    SELECT
        s.*,
        type IN ({{ SERVICE_STEPS }}) AS is_of_service,
        coalesce(lag(type) OVER steps = {{ EventType.SERVED }}, false) AS was_served
    FROM step s
    WINDOW steps AS (PARTITION BY unit_id, ticket_id, type IN ({{ SERVICE_STEPS }}) ORDER BY at, id)
),
life AS (
    SELECT
        unit_id,
        ticket_id,
        array_agg(id ORDER BY at, id) AS event_ids,
        jsonb_agg(
            jsonb_strip_nulls(
                jsonb_build_object(
                    'id', id, 'type', type, 'at', at, 'outcome', outcome, 'service', service,
                    'person_id', person_id, 'appointment_id', appointment_id, 'walk_in', walk_in
                )
            )
            ORDER BY at, id
        ) AS steps,
        (array_agg(service ORDER BY type = {{ EventType.ARRIVED }} DESC, at, id) FILTER (WHERE service IS NOT NULL))[1]
            AS service,
        (array_agg(person_id ORDER BY id DESC)
            FILTER (WHERE person_id IS NOT NULL OR type = {{ EventType.ARRIVED }}))[1] AS person_id,
        {{ recorded_last("appointment_id") }} AS appointment_id,
        coalesce({{ recorded_last("walk_in") }}, false) AS walk_in,
        {{ first(EventType.ARRIVED) }} AS arrived_at,
        {{ first(EventType.CALLED) }} AS called_at,
        {{ first(EventType.SERVED) }} AS served_at,
        max(at) FILTER (WHERE type = {{ EventType.LEFT }}) AS left_at,
        (array_agg(outcome {{ latest }}) FILTER (WHERE type = {{ EventType.LEFT }}))[1] AS outcome,
        (array_agg(type {{ latest }}) FILTER (WHERE type IN ({{ EventType.LEFT }}, {{ EventType.RETURNED }})))[1]
            = {{ EventType.LEFT }} AS is_over,
        (array_agg(type {{ latest }}) FILTER (WHERE is_of_service))[1] <> {{ EventType.SERVED }} AS is_served,
        sum(extract(epoch FROM at)) FILTER (WHERE is_of_service AND type <> {{ EventType.SERVED }} AND was_served)
            - sum(extract(epoch FROM at)) FILTER (WHERE type = {{ EventType.SERVED }} AND NOT was_served)
            AS seconds
    FROM timed
    GROUP BY unit_id, ticket_id
)
SELECT
    l.unit_id,
    l.ticket_id,
    l.event_ids,
    l.steps,
    l.person_id,
    coalesce(l.service, 'unknown'),
    coalesce(u.state_code, ''),
    coalesce(r.region, ''),
    coalesce(u.timezone, '{{ DEFAULT_ZONE }}'),
    l.appointment_id,
    l.walk_in,
    l.arrived_at,
    l.called_at,
    l.served_at,
    CASE WHEN l.is_over AND l.is_served AND l.outcome IS DISTINCT FROM 'unended' THEN round(l.seconds)::int END,
    CASE WHEN l.is_over THEN l.left_at END,
    CASE WHEN l.is_over THEN l.outcome END
FROM life l
LEFT JOIN unit u ON u.id = l.unit_id
LEFT JOIN saving_region r ON r.state = u.state_code
ON CONFLICT (unit_id, id) DO UPDATE SET
    event_ids = EXCLUDED.event_ids,
    steps = EXCLUDED.steps,
    person_id = EXCLUDED.person_id,
    service = EXCLUDED.service,
    appointment_id = EXCLUDED.appointment_id,
    walk_in = EXCLUDED.walk_in,
    arrived_at = EXCLUDED.arrived_at,
    called_at = EXCLUDED.called_at,
    served_at = EXCLUDED.served_at,
    served_seconds = EXCLUDED.served_seconds,
    left_at = EXCLUDED.left_at,
    outcome = EXCLUDED.outcome
