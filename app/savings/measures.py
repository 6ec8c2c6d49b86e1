"""The measures, defined once: the name of each measure, what it means, and how one transaction or ticket contributes to
it.

Expressions are SQL over one row (`e` a transaction, `t` a ticket) and give whole numbers, so that adding and taking
away in any order is exact. Seconds and hours are rounded per transaction; metres too.
"""

from dataclasses import dataclass

ONLINE = "e.channel IN ('web', 'api')"
STANDS = "e.is_own AND NOT e.is_absorbed"
DONE = f"{STANDS} AND e.outcome = 'completed'"
COUNTED = f"{DONE} AND {ONLINE} AND NOT e.is_repeat AND NOT e.is_followed_by_visit"
OBSERVED = "(e.seconds + e.hold_seconds)"
"""Active seconds of a transaction: a booking's and those of the hold it absorbs, which is no transaction of its own."""
DECIDED = f"{STANDS} AND e.submitted_at IS NOT NULL AND e.ended_at IS NOT NULL AND e.outcome <> 'abandoned'"
HOURS = "greatest(0, round(extract(epoch FROM e.ended_at - e.submitted_at) / 3600))::bigint"


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of sums. `means` is for the data dictionary."""

    expression: str
    means: str


def _if(condition: str, value: str = "1") -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE 0 END"


MEASURES: dict[str, Measure] = {
    "transactions": Measure("1", "rows behind the sums, whatever they are"),
    "started": Measure(_if(STANDS), "transactions begun"),
    "completed": Measure(_if(DONE), "transactions that ended with what was asked for"),
    "counted": Measure(
        _if(COUNTED), "completed online, neither a repeat nor followed by a visit for the same: may save"
    ),
    "repeats": Measure(_if(f"{DONE} AND e.is_repeat"), "completed again within the service's window: save nothing"),
    "followed_by_visit": Measure(
        _if(f"{DONE} AND e.is_followed_by_visit"), "completed, and yet the person came for the same"
    ),
    "refused": Measure(_if(f"{STANDS} AND e.outcome = 'refused'"), "transactions that ended with a refusal"),
    "abandoned": Measure(
        _if(f"{STANDS} AND e.outcome = 'abandoned'"), "transactions withdrawn, lapsed, discarded or abandoned"
    ),
    "by_rules": Measure(_if(f"{DECIDED} AND e.by_rules"), "decided by rules, at once"),
    "late": Measure(
        _if(f"{DECIDED} AND e.day > e.due_on"),
        "decided after the day they were due",
    ),
    "observed": Measure(
        _if(f"{STANDS} AND {ONLINE} AND {OBSERVED} > 0"), "transactions whose active time the portal saw"
    ),
    "online": Measure(_if(f"{STANDS} AND {ONLINE}"), "transactions begun online"),
    "seconds": Measure(
        _if(f"{STANDS} AND {ONLINE}", OBSERVED), "active seconds people spent online, in whatever it ended"
    ),
    "seconds_sq": Measure(
        _if(f"{STANDS} AND {ONLINE}", f"{OBSERVED}::bigint * {OBSERVED}"),
        "sum of the squares of each transaction's seconds",
    ),
    "visits": Measure(_if(ONLINE, "e.visits"), "visits that were needed all the same"),
    "located": Measure(_if(f"{COUNTED} AND e.metres IS NOT NULL"), "counted transactions whose distance is known"),
    "metres": Measure(_if(f"{COUNTED} AND e.metres IS NOT NULL", "e.metres"), "sum of those distances, one way"),
    "decided": Measure(_if(DECIDED), "requests decided"),
    "decide_hours": Measure(_if(DECIDED, HOURS), "hours from handing in to the decision, summed"),
    "decide_hours_sq": Measure(_if(DECIDED, f"{HOURS} * {HOURS}"), "sum of the squares of those hours"),
    "asked": Measure(_if("e.would_have_visited IS NOT NULL"), "people who answered what they would have done instead"),
    "would_have_visited": Measure(_if("e.would_have_visited"), "of those, who would have visited in person"),
    "rated": Measure(_if("e.satisfaction IS NOT NULL"), "people who said how satisfied they are, 1 to 5"),
    "rating": Measure(_if("e.satisfaction IS NOT NULL", "e.satisfaction"), "sum of those answers"),
    "rating_sq": Measure(
        _if("e.satisfaction IS NOT NULL", "e.satisfaction * e.satisfaction"), "sum of the squares of those answers"
    ),
    "attended": Measure(_if("e.attendance = 'attended'"), "appointments the person came to"),
    "missed": Measure(_if("e.attendance = 'missed'"), "appointments that were missed"),
    "people": Measure(
        _if("{first}"), "people with a transaction of the service in the period; of several services, at least the most"
    ),
}
"""`{first}` is whether the transaction is the person's first of the service in the period of the period_type."""

ATTENTION = "coalesce(t.served_at, t.called_at)"
"""When attention began: the call, where the desk doesn't say more."""
WAITED = f"{ATTENTION} >= t.arrived_at"
ATTENDED = "t.left_at >= t.served_at"
WAIT = f"round(extract(epoch FROM {ATTENTION} - t.arrived_at))::bigint"
SERVICE = "round(extract(epoch FROM t.left_at - t.served_at))::bigint"

TICKET_MEASURES: dict[str, Measure] = {
    "tickets": Measure("1", "people who arrived at the desk or checked in"),
    "walk_ins": Measure(_if("t.walk_in"), "of those, without an appointment"),
    "waited": Measure(_if(WAITED), "tickets whose wait is known: from arrival to attention"),
    "wait_seconds": Measure(_if(WAITED, WAIT), "sum of those waits"),
    "wait_seconds_sq": Measure(_if(WAITED, f"{WAIT} * {WAIT}"), "sum of their squares"),
    "attended": Measure(_if(ATTENDED), "tickets whose attention is known: from its beginning to leaving"),
    "service_seconds": Measure(_if(ATTENDED, SERVICE), "sum of those attentions"),
    "service_seconds_sq": Measure(_if(ATTENDED, f"{SERVICE} * {SERVICE}"), "sum of their squares"),
    "gave_up": Measure(_if("t.outcome = 'gave-up'"), "people who left without being attended"),
}
