{# From the desks' events to tickets. Each instant is the earliest reported of its kind, but leaving the latest: the same
   ticket in any order of events. #}
{%- macro happened(aggregate, type) -%}
    {{ aggregate }}(CAST(b.payload->>'happened_at' AS timestamptz)) FILTER (WHERE b.type = {{ type }})
{%- endmacro %}
INSERT INTO ticket AS t (
    unit_id, id, event_ids, person_id, service, state, region, timezone, appointment_id, walk_in, arrived_at, called_at,
    served_at, left_at, outcome
)
SELECT
    b.unit_id,
    b.subject_id,
    array_agg(b.id),
    (array_agg(b.person_id) FILTER (WHERE b.person_id IS NOT NULL))[1],
    coalesce(min(b.service), 'unknown'),
    coalesce(min(u.state_code), ''),
    coalesce(min(r.region), ''),
    coalesce(min(u.timezone), '{{ DEFAULT_ZONE }}'),
    (array_agg(CAST(b.payload->>'appointment_id' AS uuid)) FILTER (WHERE b.payload->>'appointment_id' IS NOT NULL))[1],
    coalesce(bool_or(CAST(b.payload->>'walk_in' AS bool)), false),
    {{ happened("min", EventType.ARRIVED) }},
    {{ happened("min", EventType.CALLED) }},
    {{ happened("min", EventType.SERVED) }},
    {{ happened("max", EventType.LEFT) }},
    min(b.payload->>'outcome') FILTER (WHERE b.type = {{ EventType.LEFT }})
FROM event_batch b
LEFT JOIN unit u ON u.id = b.unit_id
LEFT JOIN saving_region r ON r.state = u.state_code
WHERE b.type IN ({{ TICKETS }})
    AND b.unit_id IS NOT NULL
    AND NOT EXISTS (
        SELECT 1 FROM ticket k WHERE (k.unit_id, k.id) = (b.unit_id, b.subject_id) AND b.id = ANY(k.event_ids)
    )
GROUP BY b.unit_id, b.subject_id
ON CONFLICT (unit_id, id) DO UPDATE SET
    event_ids = t.event_ids || EXCLUDED.event_ids,
    person_id = coalesce(t.person_id, EXCLUDED.person_id),
    service = CASE WHEN t.service = 'unknown' THEN EXCLUDED.service ELSE t.service END,
    appointment_id = coalesce(t.appointment_id, EXCLUDED.appointment_id),
    walk_in = t.walk_in OR EXCLUDED.walk_in,
    arrived_at = least(t.arrived_at, EXCLUDED.arrived_at),
    called_at = least(t.called_at, EXCLUDED.called_at),
    served_at = least(t.served_at, EXCLUDED.served_at),
    left_at = greatest(t.left_at, EXCLUDED.left_at),
    outcome = coalesce(least(t.outcome, EXCLUDED.outcome), t.outcome, EXCLUDED.outcome)
