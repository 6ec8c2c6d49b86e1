"""The measures, each in one record: its name, what it means, its unit, and how one transaction or ticket contributes to
it. Columns of sums, the roll-up, the views' comments, the exports and the data dictionary are derived from these.

Expressions are SQL over one row (`e` a transaction, `t` a ticket) and give whole numbers, so that adding and taking
away in any order is exact. Seconds and hours are rounded per transaction; metres too.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.actor import Channel


class Outcome(StrEnum):
    """How a transaction stands, or ended."""

    OPEN = "open"
    COMPLETED = "completed"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class Attendance(StrEnum):
    """Whether the person came to an appointment."""

    ATTENDED = "attended"
    MISSED = "missed"


class Correction(StrEnum):
    """What a person says of one of their transactions in their statement."""

    WOULD_HAVE_VISITED = "would-have-visited"
    """Without the portal they would have gone in person."""
    WOULD_NOT_HAVE_VISITED = "would-not-have-visited"
    """Without the portal they would have done nothing, or telephoned."""
    VISITED_ANYWAY = "visited-anyway"
    """They had to go in person for the same all the same."""


ONLINE_CHANNELS = (Channel.WEB, Channel.API)
ASSISTED_CHANNELS = (Channel.DESK, Channel.PHONE)
"""Channels of staff. A transaction of which staff did any step is on theirs, whatever the person did online before or
after: it saved them no call or visit."""
ONLINE = f"e.channel IN ('{Channel.WEB}', '{Channel.API}')"
STANDS = "e.is_own AND NOT e.is_absorbed"
DONE = f"{STANDS} AND e.outcome = '{Outcome.COMPLETED}'"
FOLLOWED = f"(e.is_followed_by_visit OR e.correction IS NOT DISTINCT FROM '{Correction.VISITED_ANYWAY}')"
"""Followed by a visit for the same: a desk recorded it, or the person says so."""
COUNTED = f"{DONE} AND {ONLINE} AND NOT e.is_repeat AND NOT {FOLLOWED}"
WOULD_HAVE_VISITED = (
    f"CASE e.correction WHEN '{Correction.WOULD_HAVE_VISITED}' THEN true"
    f" WHEN '{Correction.WOULD_NOT_HAVE_VISITED}' THEN false ELSE e.would_have_visited END"
)
"""The person's answer to what they would have done without the portal: the correction in their statement, else the
survey's. Null: they weren't asked or don't know."""
OBSERVED = "(e.seconds + e.hold_seconds)"
"""Active seconds of a transaction: a booking's and those of the hold it absorbs, which is no transaction of its own."""
DECIDED = f"{STANDS} AND e.submitted_at IS NOT NULL AND e.ended_at IS NOT NULL AND e.outcome <> '{Outcome.ABANDONED}'"
HOURS = "greatest(0, round(extract(epoch FROM e.ended_at - e.submitted_at) / 3600))::bigint"


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of sums. `means` is for the data dictionary, `unit` what is counted."""

    expression: str
    means: str
    unit: str


def _if(condition: str, value: str = "1") -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE 0 END"


MEASURES: dict[str, Measure] = {
    "transactions": Measure("1", "rows behind the sums, whatever they are", "transactions"),
    "started": Measure(_if(STANDS), "transactions begun", "transactions"),
    "completed": Measure(_if(DONE), "transactions that ended with what was asked for", "transactions"),
    "counted": Measure(
        _if(COUNTED),
        "completed online, neither a repeat nor followed by a visit for the same: may save",
        "transactions",
    ),
    "repeats": Measure(
        _if(f"{DONE} AND e.is_repeat"), "completed again within the service's window: save nothing", "transactions"
    ),
    "followed_by_visit": Measure(
        _if(f"{DONE} AND {FOLLOWED}"), "completed, and yet the person came for the same", "transactions"
    ),
    "refused": Measure(
        _if(f"{STANDS} AND e.outcome = '{Outcome.REFUSED}'"), "transactions that ended with a refusal", "transactions"
    ),
    "abandoned": Measure(
        _if(f"{STANDS} AND e.outcome = '{Outcome.ABANDONED}'"),
        "transactions withdrawn, lapsed, discarded or abandoned",
        "transactions",
    ),
    "by_rules": Measure(_if(f"{DECIDED} AND e.by_rules"), "decided by rules, at once", "transactions"),
    "late": Measure(_if(f"{DECIDED} AND e.day > e.due_on"), "decided after the day they were due", "transactions"),
    "observed": Measure(
        _if(f"{STANDS} AND {ONLINE} AND {OBSERVED} > 0"),
        "transactions whose active time the portal saw",
        "transactions",
    ),
    "online": Measure(_if(f"{STANDS} AND {ONLINE}"), "transactions begun online", "transactions"),
    "seconds": Measure(
        _if(f"{STANDS} AND {ONLINE}", OBSERVED), "active seconds people spent online, in whatever it ended", "s"
    ),
    "seconds_sq": Measure(
        _if(f"{STANDS} AND {ONLINE}", f"{OBSERVED}::bigint * {OBSERVED}"),
        "sum of the squares of each transaction's seconds",
        "s²",
    ),
    "visits": Measure(_if(ONLINE, "e.visits"), "visits that were needed all the same", "visits"),
    "located": Measure(
        _if(f"{COUNTED} AND e.metres IS NOT NULL"), "counted transactions whose distance is known", "transactions"
    ),
    "metres": Measure(_if(f"{COUNTED} AND e.metres IS NOT NULL", "e.metres"), "sum of those distances, one way", "m"),
    "decided": Measure(_if(DECIDED), "requests decided", "transactions"),
    "decide_hours": Measure(_if(DECIDED, HOURS), "hours from handing in to the decision, summed", "h"),
    "decide_hours_sq": Measure(_if(DECIDED, f"{HOURS} * {HOURS}"), "sum of the squares of those hours", "h²"),
    "asked": Measure(
        _if(f"({WOULD_HAVE_VISITED}) IS NOT NULL"), "people who answered what they would have done instead", "people"
    ),
    "would_have_visited": Measure(_if(WOULD_HAVE_VISITED), "of those, who would have visited in person", "people"),
    "rated": Measure(_if("e.satisfaction IS NOT NULL"), "people who said how satisfied they are, 1 to 5", "people"),
    "rating": Measure(_if("e.satisfaction IS NOT NULL", "e.satisfaction"), "sum of those answers", "points"),
    "rating_sq": Measure(
        _if("e.satisfaction IS NOT NULL", "e.satisfaction * e.satisfaction"),
        "sum of the squares of those answers",
        "points²",
    ),
    "attended": Measure(
        _if(f"e.attendance = '{Attendance.ATTENDED}'"), "appointments the person came to", "transactions"
    ),
    "missed": Measure(_if(f"e.attendance = '{Attendance.MISSED}'"), "appointments that were missed", "transactions"),
    "people": Measure(
        _if("{first}"),
        "people with a transaction of the service in the period; of several services, at least the most",
        "people",
    ),
}
"""`{first}` is whether the transaction is the person's first of the service in the period of the period_type."""

ATTENTION = "coalesce(t.served_at, CASE WHEN coalesce(t.outcome, 'done') = 'done' THEN t.called_at END)"
"""When attention first began: the call, where the desk doesn't say more and the person wasn't lost after it."""
WAITED = f"{ATTENTION} >= t.arrived_at"
WAIT = f"round(extract(epoch FROM {ATTENTION} - t.arrived_at))::bigint"
ATTENDED = "t.served_seconds IS NOT NULL"
SERVICE = "t.served_seconds::bigint"
STAYED = "t.left_at >= t.arrived_at AND t.outcome IS DISTINCT FROM 'closed' AND t.outcome IS DISTINCT FROM 'unended'"
"""When who was left unserved went away isn't known, nor when a service ended that the counter left open."""
STAY = "round(extract(epoch FROM t.left_at - t.arrived_at))::bigint"
GAVE_UP, UNSERVED = "t.outcome = 'gave-up'", "t.outcome = 'closed'"
CLOCK_WRONG = (
    f"{ATTENTION} < t.arrived_at OR t.left_at < t.arrived_at"
    " OR (t.served_at IS NOT NULL AND t.left_at IS NOT NULL AND t.served_seconds IS NULL"
    " AND t.outcome IS DISTINCT FROM 'unended')"
)
"""Attended or away before the arrival, or served after leaving: the clock of a device was wrong."""

TICKET_MEASURES: dict[str, Measure] = {
    "tickets": Measure("1", "people who arrived at the desk or checked in", "people"),
    "walk_ins": Measure(_if("t.walk_in"), "of those, without an appointment", "people"),
    "waited": Measure(_if(WAITED), "tickets whose wait is known: from arrival to attention", "tickets"),
    "wait_seconds": Measure(_if(WAITED, WAIT), "sum of those waits", "s"),
    "wait_seconds_sq": Measure(_if(WAITED, f"{WAIT} * {WAIT}"), "sum of their squares", "s²"),
    "attended": Measure(_if(ATTENDED), "tickets that ended and whose time being served is known", "tickets"),
    "service_seconds": Measure(_if(ATTENDED, SERVICE), "sum of those times, without waits between two services", "s"),
    "service_seconds_sq": Measure(_if(ATTENDED, f"{SERVICE} * {SERVICE}"), "sum of their squares", "s²"),
    "gave_up": Measure(_if(GAVE_UP), "people who left because they were tired of waiting", "people"),
    "unserved": Measure(_if(UNSERVED), "people the unit closed on without calling them", "people"),
    "stayed": Measure(_if(STAYED), "tickets whose stay is known: from arrival to leaving", "tickets"),
    "stay_seconds": Measure(_if(STAYED, STAY), "sum of those stays", "s"),
    "stay_seconds_sq": Measure(_if(STAYED, f"{STAY} * {STAY}"), "sum of their squares", "s²"),
    "clock_wrong": Measure(
        _if(CLOCK_WRONG), "tickets left out of waits, attention or stays: their times contradict each other", "tickets"
    ),
}
