"""From the events of a batch to steps of transactions: one row for each event and transaction."""

from sqlalchemy import text

from app.savings.models import UNKNOWN_PERSON

# What each event means for a transaction. Other events don't matter to the measurement.
ENDS = {
    "appointment.booked": "completed",
    "appointment.moved": "completed",
    "appointment.cancelled": "completed",
    "request.withdrawn": "abandoned",
    "request.lapsed": "abandoned",
    "request.discarded": "abandoned",
    "request.appealed": "open",
    "request.approval-undone": "open",
    "session.abandoned": "abandoned",
}
"""`request.decided` ends as its payload says; an appeal, or an approval undone, opens the transaction again."""

OWN_STEPS = (
    *(
        "seat.held",
        "hold.released",
        "appointment.booked",
        "appointment.moved",
        "appointment.cancelled",
        "session.abandoned",
    ),
    *("request.started", "request.saved", "request.document-received", "request.submitted", "request.answered"),
    *("request.appealed", "request.withdrawn"),
)
"""Steps of the person themselves, or of who does them for them."""

DUE_RESET = (
    *("request.submitted", "request.answered", "request.appealed", "request.visit-attended"),
    *("request.visit-cancelled", "request.approval-undone"),
)
"""Events that reset the due date: the clock was stopped meanwhile."""
FEEDBACK = ("request.feedback-given", "appointment.feedback-given")
OTHERS = (
    "request.decided",
    "request.approval-undone",
    "request.lapsed",
    "request.discarded",
    "request.visit-attended",
    "request.visit-cancelled",
    "work.transferred",
)
DESK_EVENTS = ("ticket.arrived", "ticket.called", "ticket.served", "ticket.left", "appointment.missed")
TYPES = (*OWN_STEPS, *FEEDBACK, *OTHERS, *DESK_EVENTS)


def _names(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


_ENDS = " ".join(f"WHEN '{kind}' THEN '{outcome}'" for kind, outcome in ENDS.items())

SCRATCH = text(
    """
    CREATE TEMP TABLE IF NOT EXISTS saving_step (
        person_id uuid, service text, transaction_id uuid, id uuid, at timestamptz, type text, counts_as text, is_own
        bool, channel text, device text, unit_id uuid, seconds int, visits int, outcome text, reasons text[], by_rules
        bool, due_on date, hold_id uuid, is_survey bool, would_have_visited bool, satisfaction int, attendance text
    ) ON COMMIT DELETE ROWS
    """
)

# A change of an appointment is a transaction of its own, known by its event. A window booked by staff is a step of a
# request, not a transaction of the person. What a closed schedule cancels, the person didn't.
FILL = text(
    f"""
    INSERT INTO saving_step
    SELECT coalesce(b.person_id, '{UNKNOWN_PERSON}'), coalesce(b.service, 'unknown'),
        CASE WHEN b.type IN ('appointment.moved', 'appointment.cancelled') THEN b.id
            WHEN b.type = 'ticket.arrived' THEN CAST(b.payload->>'appointment_id' AS uuid)
            ELSE b.subject_id END,
        b.id, b.at, b.type,
        CASE b.type WHEN 'appointment.moved' THEN 'appointment-move' WHEN 'appointment.cancelled'
            THEN 'appointment-cancel' ELSE coalesce(b.service, 'unknown') END,
        b.type IN ({_names(OWN_STEPS)}),
        b.channel, coalesce(b.device, ''), b.unit_id,
        CASE WHEN b.actor_kind IN ('citizen', 'anonymous') OR b.type = 'session.abandoned'
            THEN least(greatest(round(coalesce(b.seconds, 0)), 0), 86400) ELSE 0 END,
        (b.type = 'request.visit-attended')::int,
        CASE b.type WHEN 'request.decided'
            THEN CASE b.payload->>'outcome' WHEN 'approved' THEN 'completed' ELSE 'refused' END {_ENDS} END,
        CASE WHEN b.type = 'request.decided' AND b.payload->>'outcome' <> 'approved'
            THEN ARRAY(SELECT jsonb_array_elements_text(b.payload->'reasons')) END,
        b.type = 'request.decided' AND coalesce(CAST(b.payload->>'straight_through' AS bool), false),
        CASE WHEN b.type IN ({_names(DUE_RESET)})
            THEN CAST(b.payload->>'due_on' AS date) END,
        CASE WHEN b.type IN ('appointment.booked', 'appointment.moved') THEN CAST(b.payload->>'hold_id' AS uuid) END,
        b.type IN ({_names(FEEDBACK)}),
        CASE WHEN b.type IN ({_names(FEEDBACK)}) THEN CAST(b.payload->>'would_have_visited' AS bool) END,
        CASE WHEN b.type IN ({_names(FEEDBACK)}) THEN CAST(b.payload->>'satisfaction' AS int) END,
        CASE b.type WHEN 'ticket.arrived' THEN 'attended' WHEN 'appointment.missed' THEN 'missed' END
    FROM event_batch b
    WHERE NOT (b.type IN ('ticket.called', 'ticket.served', 'ticket.left'))
        AND NOT (b.type = 'ticket.arrived' AND (b.payload->>'appointment_id' IS NULL OR b.person_id IS NULL))
        AND NOT (b.actor_kind = 'staff' AND b.service = 'window' AND b.type IN ('seat.held', 'appointment.booked'))
        AND NOT (b.type = 'appointment.cancelled' AND b.actor_kind NOT IN ('citizen', 'staff'))
    """
)

# What a transaction has in it already isn't added again, however often it is delivered.
DROP_DUPLICATES = text(
    """
    DELETE FROM saving_step s USING service_transaction e
    WHERE (e.person_id, e.service, e.id) = (s.person_id, s.service, s.transaction_id) AND s.id = ANY(e.event_ids)
    """
)
ANALYZE = text("ANALYZE saving_step (person_id, service, transaction_id, id)")
