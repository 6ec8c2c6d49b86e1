{# From the events of a batch to steps of transactions. A change of an appointment is a transaction of its own, known by
   its event. A window booked by staff is a step of a request, not a transaction of the person, unless they asked for it
   in an assistance. What a closed schedule cancels, the person didn't. #}
INSERT INTO saving_step
SELECT
    coalesce(b.person_id, '{{ UNKNOWN_PERSON }}'),
    coalesce(b.service, 'unknown'),
    CASE
        WHEN b.type IN ({{ CHANGES }}) THEN b.id
        WHEN b.type = {{ EventType.ARRIVED }} THEN CAST(b.payload->>'appointment_id' AS uuid)
        ELSE b.subject_id
    END,
    b.id,
    b.at,
    b.type,
    CASE b.type
        WHEN {{ EventType.MOVED }} THEN 'appointment-move'
        WHEN {{ EventType.CANCELLED }} THEN 'appointment-cancel'
        ELSE coalesce(b.service, 'unknown')
    END,
    b.type IN ({{ OWN_STEPS }}),
    b.channel,
    coalesce(b.device, ''),
    b.unit_id,
    CASE
        WHEN b.actor_kind IN ('citizen', 'anonymous') OR b.type = {{ EventType.SESSION_ABANDONED }}
            THEN least(greatest(round(coalesce(b.seconds, 0)), 0), 86400)
        ELSE 0
    END,
    (b.type = {{ EventType.VISIT_ATTENDED }})::int,
    CASE b.type
        WHEN {{ EventType.DECIDED }}
            THEN CASE b.payload->>'outcome' WHEN 'approved' THEN {{ Outcome.COMPLETED }} ELSE {{ Outcome.REFUSED }} END
        {%- for type, outcome in ENDS.items() %}
        WHEN {{ type }} THEN {{ outcome }}
        {%- endfor %}
    END,
    CASE
        WHEN b.type = {{ EventType.DECIDED }} AND b.payload->>'outcome' <> 'approved'
            THEN ARRAY(SELECT jsonb_array_elements_text(b.payload->'reasons'))
    END,
    b.type = {{ EventType.DECIDED }} AND coalesce(CAST(b.payload->>'straight_through' AS bool), false),
    CASE WHEN b.type IN ({{ DUE_RESET }}) THEN CAST(b.payload->>'due_on' AS date) END,
    CASE
        WHEN b.type IN ({{ EventType.BOOKED }}, {{ EventType.MOVED }}) THEN CAST(b.payload->>'hold_id' AS uuid)
    END,
    b.type IN ({{ FEEDBACK }}),
    CASE WHEN b.type IN ({{ FEEDBACK }}) THEN CAST(b.payload->>'would_have_visited' AS bool) END,
    CASE WHEN b.type IN ({{ FEEDBACK }}) THEN CAST(b.payload->>'satisfaction' AS int) END,
    b.type = {{ EventType.CORRECTED }},
    CASE WHEN b.type = {{ EventType.CORRECTED }} THEN b.payload->>'correction' END,
    CASE b.type
        WHEN {{ EventType.ARRIVED }} THEN {{ Attendance.ATTENDED }}
        WHEN {{ EventType.ATTENDED }} THEN {{ Attendance.ATTENDED }}
        WHEN {{ EventType.MISSED }} THEN {{ Attendance.MISSED }}
    END
FROM event_batch b
WHERE NOT (b.type IN ({{ AFTER_ARRIVAL }}))
    AND NOT (
        b.type = {{ EventType.ARRIVED }} AND (b.payload->>'appointment_id' IS NULL OR b.person_id IS NULL)
    )
    AND NOT (
        b.actor_kind = 'staff'
        AND b.service = 'window'
        AND b.type IN ({{ EventType.SEAT_HELD }}, {{ EventType.BOOKED }})
        AND NOT b.payload ? 'assistance_id'
    )
    AND NOT (b.type = {{ EventType.CANCELLED }} AND b.actor_kind NOT IN ('citizen', 'staff'))
