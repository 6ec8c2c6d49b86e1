"""From the desks' events to tickets and their sums: waits and attention as measured in person."""

from sqlalchemy import text

from app.kernel.clock import local_day_sql
from app.savings.measures import TICKET_MEASURES

# Each instant is the earliest reported of its kind, but leaving the latest: the same ticket in any order of events.
ADD_TICKETS = text(
    """
    INSERT INTO ticket AS t (unit_id, id, event_ids, person_id, service, state, region, timezone, appointment_id,
        walk_in, arrived_at, called_at, served_at, left_at, outcome)
    SELECT b.unit_id, b.subject_id, array_agg(b.id), (array_agg(b.person_id) FILTER (WHERE b.person_id IS NOT NULL))[1],
        coalesce(min(b.service), 'unknown'), coalesce(min(u.state_code), ''), coalesce(min(r.region), ''),
        coalesce(min(u.timezone), 'America/Mexico_City'),
        (array_agg(CAST(b.payload->>'appointment_id' AS uuid))
            FILTER (WHERE b.payload->>'appointment_id' IS NOT NULL))[1],
        coalesce(bool_or(CAST(b.payload->>'walk_in' AS bool)), false),
        min(CAST(b.payload->>'happened_at' AS timestamptz)) FILTER (WHERE b.type = 'ticket.arrived'),
        min(CAST(b.payload->>'happened_at' AS timestamptz)) FILTER (WHERE b.type = 'ticket.called'),
        min(CAST(b.payload->>'happened_at' AS timestamptz)) FILTER (WHERE b.type = 'ticket.served'),
        max(CAST(b.payload->>'happened_at' AS timestamptz)) FILTER (WHERE b.type = 'ticket.left'),
        min(b.payload->>'outcome') FILTER (WHERE b.type = 'ticket.left')
    FROM event_batch b LEFT JOIN unit u ON u.id = b.unit_id LEFT JOIN saving_region r ON r.state = u.state_code
    WHERE b.type LIKE 'ticket.%' AND b.unit_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ticket k WHERE (k.unit_id, k.id) = (b.unit_id, b.subject_id) AND b.id = ANY(k.event_ids))
    GROUP BY b.unit_id, b.subject_id
    ON CONFLICT (unit_id, id) DO UPDATE SET event_ids = t.event_ids || EXCLUDED.event_ids,
        person_id = coalesce(t.person_id, EXCLUDED.person_id),
        service = CASE WHEN t.service = 'unknown' THEN EXCLUDED.service ELSE t.service END,
        appointment_id = coalesce(t.appointment_id, EXCLUDED.appointment_id), walk_in = t.walk_in OR EXCLUDED.walk_in,
        arrived_at = least(t.arrived_at, EXCLUDED.arrived_at), called_at = least(t.called_at, EXCLUDED.called_at),
        served_at = least(t.served_at, EXCLUDED.served_at), left_at = greatest(t.left_at, EXCLUDED.left_at),
        outcome = coalesce(least(t.outcome, EXCLUDED.outcome), t.outcome, EXCLUDED.outcome)
    """
)

LOCAL_DAY = local_day_sql("t.arrived_at", "t.timezone")
_CONTRIBUTION = f"""
    SELECT t.state, t.region, t.unit_id, t.service,
        CAST(date_trunc('month', {LOCAL_DAY}) AS date) AS month,
        extract(isodow FROM t.arrived_at AT TIME ZONE t.timezone)::smallint AS weekday,
        extract(hour FROM t.arrived_at AT TIME ZONE t.timezone)::smallint AS hour,
        {", ".join(f"({measure.expression})::bigint AS {name}" for name, measure in TICKET_MEASURES.items())}
"""
_AFFECTED = """
    (SELECT DISTINCT unit_id, subject_id FROM event_batch WHERE type LIKE 'ticket.%') b
    JOIN ticket t ON (t.unit_id, t.id) = (b.unit_id, b.subject_id) WHERE t.arrived_at IS NOT NULL
"""
_KEYS = "state, region, unit_id, service, month, weekday, hour"
TICKET_SCRATCH = text(
    f"CREATE TEMP TABLE IF NOT EXISTS saving_ticket_contribution ON COMMIT DELETE ROWS AS {_CONTRIBUTION} FROM ticket"
    f" t WITH NO DATA"
)
RETRACT_TICKETS = text(
    f"INSERT INTO saving_ticket_contribution SELECT {_KEYS}, {', '.join(f'-{name}' for name in TICKET_MEASURES)}"
    f" FROM ({_CONTRIBUTION} FROM {_AFFECTED}) g"
)
CONTRIBUTE_TICKETS = text(f"INSERT INTO saving_ticket_contribution {_CONTRIBUTION} FROM {_AFFECTED}")
APPLY_TICKET_CELLS = text(
    f"""
    INSERT INTO saving_ticket_cell AS c (geography, period, place, service, weekday, hour, {", ".join(TICKET_MEASURES)})
    SELECT CASE WHEN grouping(region) = 0 THEN 'R' WHEN grouping(state) = 0 THEN 'S' ELSE 'U' END, month,
        CASE WHEN grouping(region) = 0 THEN region WHEN grouping(state) = 0 THEN state ELSE unit_id::text END, service,
        coalesce(weekday, 0), coalesce(hour, -1), {", ".join(f"sum({name})" for name in TICKET_MEASURES)}
    FROM saving_ticket_contribution
    GROUP BY GROUPING SETS ((month, region, service), (month, state, service), (month, unit_id, service, weekday, hour))
    ON CONFLICT (geography, period, place, service, weekday, hour) DO UPDATE
    SET {", ".join(f"{name} = c.{name} + EXCLUDED.{name}" for name in TICKET_MEASURES)}
    """
)
DROP_EMPTY_TICKET_CELLS = text("DELETE FROM saving_ticket_cell WHERE tickets = 0")
