"""What a transaction is now: what it was, the batch's fold merged into it, and what follows from the whole.

Transactions of one person and service are looked at together, since whether one counts depends on the others: a repeat
within the service's window, a visit for the same afterwards, a time held and then booked. All is worked out beside the
table, and each transaction that changed is written once.
"""

from sqlalchemy import text

from app.kernel.clock import local_day_sql
from app.places.rules import DEFAULT_ZONE
from app.savings.models import UNKNOWN_PERSON, ServiceTransaction

KEY = ("person_id", "service", "id")
COLUMNS = [column.name for column in ServiceTransaction.__table__.columns]
PERIODS = ("month", "week", "day")
"""Those in which people are counted: each has its flag of the person's first transaction in it."""

SCRATCH = tuple(
    text(f"CREATE TEMP TABLE IF NOT EXISTS {name} (LIKE service_transaction) ON COMMIT DELETE ROWS")
    for name in ("saving_before", "saving_after")
)
PAIRS_SCRATCH = text(
    "CREATE TEMP TABLE IF NOT EXISTS saving_pair (person_id uuid, service text, transaction_id uuid) ON COMMIT DELETE"
    " ROWS"
)
# All transactions of a person and service; without a person only the transaction itself.
PAIRS = text(
    f"""
    INSERT INTO saving_pair
    SELECT DISTINCT person_id, service, CASE WHEN person_id = '{UNKNOWN_PERSON}' THEN transaction_id END
    FROM saving_step
    UNION
    SELECT DISTINCT coalesce(t.person_id, b.person_id), coalesce(t.service, b.service), NULL::uuid FROM event_batch b
    LEFT JOIN ticket t ON (t.unit_id, t.id) = (b.unit_id, b.subject_id)
    WHERE b.type LIKE 'ticket.%' AND coalesce(t.person_id, b.person_id) IS NOT NULL
    """
)
# A change of an appointment counts as the same whatever the appointment is for, so a person's changes go together.
CHANGES = text(
    f"""
    INSERT INTO saving_pair
    SELECT DISTINCT o.person_id, o.service, NULL::uuid
    FROM (SELECT person_id FROM saving_step WHERE counts_as <> service AND person_id <> '{UNKNOWN_PERSON}'
        UNION SELECT e.person_id FROM saving_pair p JOIN service_transaction e ON e.person_id = p.person_id AND
        e.service = p.service WHERE p.transaction_id IS NULL AND e.counts_as <> e.service) c
    JOIN service_transaction o ON o.person_id = c.person_id AND o.counts_as <> o.service
    WHERE NOT EXISTS (SELECT 1 FROM saving_pair p WHERE p.person_id = o.person_id AND p.service = o.service)
    """
)
ANALYZE_PAIRS = text("ANALYZE saving_pair")
BEFORE = text(
    """
    INSERT INTO saving_before
    SELECT e.* FROM saving_pair p JOIN service_transaction e ON e.person_id = p.person_id AND e.service = p.service
        AND (p.transaction_id IS NULL OR e.id = p.transaction_id)
    """
)


def _earlier(*columns: str) -> str:
    newer = "e.first_event IS NULL OR x.first_event < e.first_event"
    return ", ".join(f"CASE WHEN {newer} THEN coalesce(x.{c}, e.{c}) ELSE e.{c} END AS {c}" for c in columns)


def _later(by: str, *columns: str) -> str:
    newer = f"x.{by} IS NOT NULL AND (e.{by} IS NULL OR x.{by} > e.{by})"
    return ", ".join(f"CASE WHEN {newer} THEN x.{c} ELSE e.{c} END AS {c}" for c in (*columns, by))


def _added(*columns: str) -> str:
    return ", ".join(f"coalesce(e.{c}, 0) + coalesce(x.{c}, 0) AS {c}" for c in columns)


_MERGED = f"""
    SELECT coalesce(e.person_id, x.person_id) AS person_id, coalesce(e.service, x.service) AS service,
        coalesce(e.id, x.id) AS id, e.event_ids || x.event_ids AS event_ids,
        {_earlier("counts_as", "channel", "device", "first_event")},
        least(e.started_at, x.started_at) AS started_at, least(e.submitted_at, x.submitted_at) AS submitted_at,
        coalesce(e.is_own, false) OR coalesce(x.is_own, false) AS is_own,
        {_later("unit_event", "unit_id")},
        {_added("seconds", "steps", "visits")},
        {_later("outcome_event", "outcome", "ended_at", "reasons", "by_rules")},
        {_later("due_event", "due_on")}, coalesce(e.hold_id, x.hold_id) AS hold_id,
        {_later("survey_event", "would_have_visited", "satisfaction")}, {_later("attendance_event", "attendance")}
    FROM saving_before e FULL JOIN saving_merge x ON e.person_id = x.person_id AND e.service = x.service AND e.id = x.id
"""

_METRES = """
    12742017.6 * asin(sqrt(power(sin(radians(u.latitude - f.latitude) / 2), 2)
        + cos(radians(f.latitude)) * cos(radians(u.latitude)) * power(sin(radians(u.longitude - f.longitude) / 2), 2)))
"""
_DATED = "CASE WHEN m.outcome IN ('completed', 'refused', 'abandoned') THEN m.ended_at ELSE m.started_at END"
_AGE = "extract(year FROM age(d.day, f.birth_on))"
# Its day by the clock of its unit, who the person was when it began, where the unit is: from the whole transaction,
# whatever of it came first. Profiles count from a midnight in the country's centre, so instants are compared. The
# distance is the great circle's, with the mean radius of the IUGG, 6,371,008.8 m.
_DESCRIBED = f"""
    SELECT m.*, d.timezone, d.day, coalesce(u.state_code, '') AS state, coalesce(r.region, '') AS region,
        CASE WHEN f.birth_on IS NULL THEN 'unknown' WHEN {_AGE} < 18 THEN '0-17' WHEN {_AGE} < 30 THEN '18-29'
            WHEN {_AGE} < 45 THEN '30-44' WHEN {_AGE} < 60 THEN '45-59' ELSE '60+' END AS age_band,
        coalesce(f.sex, 'unknown') AS sex, coalesce(f.language, 'unknown') AS language,
        coalesce(f.rurality, 'unknown') AS rurality,
        CASE WHEN u.latitude IS NOT NULL THEN round({_METRES})::int END AS metres,
        coalesce(w.days, a.days, 0) AS window_days,
        m.is_own AND m.outcome = 'completed' AS is_done, m.person_id <> '{UNKNOWN_PERSON}' AS is_somebody
    FROM merged m
    LEFT JOIN unit u ON u.id = m.unit_id
    CROSS JOIN LATERAL (SELECT z.timezone, {local_day_sql(_DATED, "z.timezone")} AS day
        FROM (SELECT coalesce(u.timezone, '{DEFAULT_ZONE}') AS timezone) z) d
    LEFT JOIN LATERAL (SELECT * FROM saving_profile p WHERE p.person_id = m.person_id
        AND CAST(p.since AS timestamp) AT TIME ZONE '{DEFAULT_ZONE}' <= m.started_at ORDER BY p.since DESC LIMIT 1) f ON
        true
    LEFT JOIN saving_region r ON r.state = u.state_code
    LEFT JOIN saving_window w ON w.service = m.counts_as LEFT JOIN saving_window a ON a.service = '*'
"""
_STANDS = "l.is_own AND NOT l.is_absorbed"


def _first_of(period: str) -> str:
    """Whether the person's transaction before this one was in an earlier period."""
    earlier = f"coalesce(lag(l.day) OVER stands < CAST(date_trunc('{period}', l.day) AS date), true)"
    return f"l.is_somebody AND {_STANDS} AND {earlier} AS is_first_of_{period}"


# A completion is a repeat when one came in the window before it, itself a repeat or not: a chain counts once.
_FLAGGED = f"""
    SELECT l.*,
        coalesce(l.is_somebody AND l.is_done
            AND lag(l.ended_at) OVER done > l.ended_at - make_interval(days => l.window_days), false) AS is_repeat,
        coalesce(l.is_somebody AND l.is_done AND EXISTS (
            SELECT 1 FROM ticket t WHERE t.person_id = l.person_id AND t.service = l.service
            AND t.appointment_id IS NULL AND t.arrived_at > l.ended_at
            AND t.arrived_at <= l.ended_at + make_interval(days => l.window_days)), false) AS is_followed_by_visit,
        {", ".join(map(_first_of, PERIODS))}
    FROM (SELECT d.*, b.id IS NOT NULL AS is_absorbed, coalesce(h.seconds, 0) AS hold_seconds FROM described d
        LEFT JOIN absorbing b ON b.person_id = d.person_id AND b.service = d.service AND b.hold_id = d.id
        LEFT JOIN absorbing a ON a.person_id = d.person_id AND a.service = d.service AND a.id = d.id
        LEFT JOIN described h ON h.person_id = a.person_id AND h.service = a.service AND h.id = a.hold_id) l
    WINDOW done AS (PARTITION BY l.person_id, l.service, l.counts_as, l.is_done ORDER BY l.ended_at, l.id),
        stands AS (PARTITION BY l.person_id, l.counts_as, {_STANDS} ORDER BY l.day, l.id)
"""
# Which booking a hold became: one, so that its seconds are in one transaction.
_ABSORBING = """
    SELECT DISTINCT ON (person_id, service, hold_id) person_id, service, hold_id, id FROM described
    WHERE hold_id IS NOT NULL AND is_somebody ORDER BY person_id, service, hold_id, id
"""
_FILLED = {
    "channel": "coalesce(channel, '')",
    "device": "coalesce(device, '')",
    "outcome": "coalesce(outcome, 'open')",
    "reasons": "coalesce(reasons, '{}')",
    "by_rules": "coalesce(by_rules, false)",
}
AFTER = text(
    f"""
    INSERT INTO saving_after ({", ".join(COLUMNS)})
    WITH merged AS ({_MERGED}), described AS MATERIALIZED ({_DESCRIBED}),
        absorbing AS MATERIALIZED ({_ABSORBING}), flagged AS ({_FLAGGED})
    SELECT {", ".join(_FILLED.get(name, name) for name in COLUMNS)} FROM flagged
    """
)
_SAME = "w.person_id = n.person_id AND w.service = n.service AND w.id = n.id"
WRITE = text(
    f"""
    INSERT INTO service_transaction ({", ".join(COLUMNS)})
    SELECT {", ".join(f"n.{name}" for name in COLUMNS)} FROM saving_after n
    LEFT JOIN saving_before w ON {_SAME} WHERE w IS DISTINCT FROM n
    ON CONFLICT ({", ".join(KEY)}) DO UPDATE
    SET {", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS if name not in KEY)}
    """
)
