"""What is released of a month: families of published numbers, the counts that must not be of few, and what each block
of observations is published as."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.savings.measures import COUNTED, DECIDED, DONE, MEASURES, ONLINE, STANDS, TICKET_MEASURES
from app.savings.rules.disclosure import MIN_PEOPLE, Sums
from app.savings.rules.moments import variance

Amounts = Mapping[str, int]
DIMENSIONS = ("place", "channel", "device", "age", "sex", "rurality", "language")
"""Each is a partition of the blocks of a family by itself."""
ROUNDED_TO = 10
SIGNIFICANT = 3
"""Digits that a mean is published with."""
SETTLED_DAYS, ATTENDED_DAYS = 5, 45
"""Days after a month's end on which it is released: desks' networks recover, booked appointments are attended."""


def _named(*names: str) -> dict[str, str]:
    return {name: MEASURES[name].expression for name in names}


def _tickets(*names: str) -> dict[str, str]:
    return {name: TICKET_MEASURES[name].expression for name in names}


def rounded(value: float) -> float:
    """To the digits that a mean is published with."""
    return float(f"{value:.{SIGNIFICANT}g}")


def mean_of(total: str, over: str, squares: str) -> Callable[[Sums], Amounts]:
    """A mean is published as one of a rounded number of observations: the exact count would disclose, against another
    number, how many were not observed."""

    def published(sums: Sums) -> Amounts:
        n, added, squared = (sums.amounts[name] for name in (over, total, squares))
        n_published = max(MIN_PEOPLE, (n + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO)
        mean = round(rounded(added / n) * n_published)
        spread = rounded(variance(n, added, squared)) if n > 1 else 0.0
        return {
            total: mean,
            over: n_published,
            squares: math.ceil(mean * mean / n_published + spread * (n_published - 1)),
        }

    return published


LOCATED = f"{COUNTED} AND e.metres IS NOT NULL"
SEEN = f"{MEASURES['observed'].expression} = 1"
IMPUTED = {
    "located": LOCATED,
    "not located": f"{COUNTED} AND NOT ({LOCATED})",
    "observed": SEEN,
    "not observed": f"NOT ({SEEN})",
    "visits": "e.visits > 0",
}


def published_savings(sums: Sums) -> Amounts:
    """Impute small cells of a block: distances and times of few are those of the others, or zero; zero visits, or ten,
    stand for few."""
    made = dict(sums.amounts)
    few = {name for name in IMPUTED if sums.people_of(name) < MIN_PEOPLE}
    if "located" in few:
        made |= {"located": 0, "metres": 0}
    elif "not located" in few:
        made |= {"located": made["counted"], "metres": round(made["metres"] * made["counted"] / made["located"])}
    if "observed" in few:
        made |= {"observed": 0, "seconds": 0}
    elif "not observed" in few:
        made |= {"observed": made["online"], "seconds": round(made["seconds"] * made["online"] / made["observed"])}
    if "visits" in few:
        made["visits"] = MIN_PEOPLE if made["visits"] * 2 >= MIN_PEOPLE else 0
    return made


def published_counts(sums: Sums) -> Amounts:
    """Publish zero counts and counts of enough people as they are."""
    return dict(sums.amounts)


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers that are read from the same observations. `requirements` are conditions on one observation: what each of
    them counts must be zero or enough people in every block. They need not exclude each other. Where the difference of
    two families is who is in the first alone, one of them requires that these aren't few, so that no difference of sums
    of blocks is a small cell. `imputed` are conditions whose people are counted, for `published` to impute what is of
    few. `of` is what is observed: transactions, tickets, or both (`mix`). `published` maps a block's sums to what is
    published."""

    id: str
    of: str
    where: str
    requirements: Mapping[str, str]
    amounts: Mapping[str, str]
    published: Callable[[Sums], Amounts] = published_counts
    imputed: Mapping[str, str] = field(default_factory=dict)
    dimensions: tuple[str, ...] = DIMENSIONS
    settled_days: int = SETTLED_DAYS


def _mean(metric: str, of: str, where: str, total: str, over: str, squares: str) -> Family:
    named = _named if of == "transactions" else _tickets
    amounts = named(total, over, squares)
    return Family(
        metric, of, where, {over: "true"}, amounts, mean_of(total, over, squares), dimensions=_dimensions_of(of)
    )


def _dimensions_of(of: str) -> tuple[str, ...]:
    return DIMENSIONS if of == "transactions" else ("place",)


# A request that is still open isn't in the month yet: it will be in that in which it ends. What is begun and left, as a
# time that was held, never ends.
IS_OVER = "(e.outcome <> 'open' OR e.counts_as = ANY(:appointments))"
IN_PERSON = f"NOT ({ONLINE}) AND e.channel <> 'phone'"
_ALL = (
    Family(
        "savings",
        "transactions",
        f"{STANDS} AND {ONLINE} AND {IS_OVER}",
        {"counted": COUNTED, "repeated or followed": f"{DONE} AND NOT ({COUNTED})", "not done": f"NOT ({DONE})"},
        _named("counted", "located", "metres", "seconds", "online", "observed", "visits"),
        published_savings,
        IMPUTED,
    ),
    Family(
        "completion",
        "transactions",
        f"{STANDS} AND {IS_OVER}",
        {
            "completed": DONE,
            "decided otherwise": f"NOT ({DONE}) AND {DECIDED}",
            "left": f"NOT ({DONE}) AND NOT ({DECIDED})",
            "not online": f"NOT ({ONLINE})",
        },
        _named("completed", "started"),
    ),
    _mean(
        "time-to-decide",
        "transactions",
        f"{DECIDED} AND {IS_OVER}",
        *("decide_hours", "decided", "decide_hours_sq"),
    ),
    Family(
        "late",
        "transactions",
        f"{DECIDED} AND {IS_OVER}",
        {
            "late": f"{MEASURES['late'].expression} = 1",
            "in time": f"{MEASURES['late'].expression} = 0",
            "approved": DONE,
            "otherwise": f"NOT ({DONE})",
        },
        _named("late", "decided"),
    ),
    Family(
        "no-show",
        "transactions",
        "e.attendance IS NOT NULL",
        {"missed": "e.attendance = 'missed'", "attended": "e.attendance = 'attended'"},
        _named("missed", "attended"),
        settled_days=ATTENDED_DAYS,
    ),
    _mean("satisfaction", "transactions", f"e.satisfaction IS NOT NULL AND {IS_OVER}", "rating", "rated", "rating_sq"),
    Family(
        "would-have-visited",
        "transactions",
        f"e.would_have_visited IS NOT NULL AND {IS_OVER}",
        {"yes": "e.would_have_visited", "no": "NOT e.would_have_visited"},
        _named("would_have_visited", "asked"),
    ),
    Family(
        "mix",
        "mix",
        "true",
        {
            "online": "e.way = 'online'",
            "phone": "e.way = 'phone'",
            "desk": "e.way = 'desk'",
            "walk-in": "e.way = 'walk-in'",
        },
        {
            "online": "(e.way = 'online')::int",
            "phone": "(e.way = 'phone')::int",
            "in_person": "(e.way IN ('desk', 'walk-in'))::int",
        },
        dimensions=("place",),
    ),
    _mean(
        "wait", "tickets", f"{TICKET_MEASURES['waited'].expression} = 1", "wait_seconds", "waited", "wait_seconds_sq"
    ),
    _mean(
        "attention",
        "tickets",
        f"{TICKET_MEASURES['attended'].expression} = 1",
        *("service_seconds", "attended", "service_seconds_sq"),
    ),
    Family(
        "gave-up",
        "tickets",
        "true",
        {
            "gave up": "t.outcome IS NOT DISTINCT FROM 'gave-up'",
            "stayed": "t.outcome IS DISTINCT FROM 'gave-up'",
            "walk-in": "t.walk_in",
            "booked": "NOT t.walk_in",
        },
        _tickets("gave_up", "tickets"),
        dimensions=("place",),
    ),
)
FAMILIES: dict[str, Family] = {family.id: family for family in _ALL}
OF_METRIC = {
    "savings-money": "savings",
    "savings-time-value": "savings",
    "take-up": "mix",
    "cost-per-transaction": "mix",
}


def family_of(metric: str) -> Family:
    """The family that a public metric is read from."""
    return FAMILIES[OF_METRIC.get(metric, metric)]
