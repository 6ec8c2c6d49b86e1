"""What is released of a month: the counts that must not be of few, and what each block of observations is published as.

A family is a set of numbers that are read from the same observations; each metric names its own (`rules.metrics`).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.savings.measures import (
    CLOCK_WRONG,
    COUNTED,
    DONE,
    GAVE_UP,
    MEASURES,
    ONLINE,
    STANDS,
    TICKET_MEASURES,
    UNSERVED,
    Outcome,
)
from app.savings.rules.disclosure import MIN_PEOPLE, Sums
from app.savings.rules.groups import SEGMENTS
from app.savings.rules.uncertainty import variance

Amounts = Mapping[str, int]
Observations = Literal["transactions", "tickets", "mix"]
"""What is observed: transactions, tickets, or both by the way they were done (`mix`)."""
DIMENSIONS = ("place", "channel", *SEGMENTS)
"""Each is a partition of the blocks of a family by itself."""
ROUNDED_TO = 10
SIGNIFICANT = 3
"""Digits that a mean is published with."""
SETTLED_DAYS, ATTENDED_DAYS = 5, 45
"""Days after a month's end on which it is released: desks' networks recover, booked appointments are attended."""


def rounded(value: float) -> float:
    """To the digits that a mean is published with."""
    return float(f"{value:.{SIGNIFICANT}g}")


def published_counts(sums: Sums) -> Amounts:
    """Publish zero counts and counts of enough people as they are."""
    return dict(sums.amounts)


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers that are read from the same observations: those of `of` for which `where` is true. `requirements` are
    conditions on one observation: what each of them counts must be zero or enough people in every block. They need not
    exclude each other. Where the difference of two families is who is in the first alone, one of them requires that
    these aren't few, so that no difference of sums of blocks is a small cell. `imputed` are conditions whose people are
    counted, for `published` to impute what is of few. `published` maps a block's sums to what is published."""

    id: str
    of: Observations
    where: str
    requirements: Mapping[str, str]
    amounts: Mapping[str, str]
    published: Callable[[Sums], Amounts] = published_counts
    imputed: Mapping[str, str] = field(default_factory=dict)
    dimensions: tuple[str, ...] = DIMENSIONS
    settled_days: int = SETTLED_DAYS


def sums_of(of: Observations, *names: str) -> dict[str, str]:
    """The expressions of these measures."""
    measures = TICKET_MEASURES if of == "tickets" else MEASURES
    return {name: measures[name].expression for name in names}


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


def family_of_means(metric: str, of: Observations, where: str, total: str, over: str, squares: str) -> Family:
    """The family of a mean: `total` by `over` observations, with the squares of what is averaged."""
    dimensions = ("place",) if of == "tickets" else DIMENSIONS
    amounts, published = sums_of(of, total, over, squares), mean_of(total, over, squares)
    return Family(metric, of, where, {over: "true"}, amounts, published, dimensions=dimensions)


# A request that is still open isn't in the month yet: it will be in that in which it ends. What is begun and left, as a
# time that was held, never ends.
IS_OVER = f"(e.outcome <> '{Outcome.OPEN}' OR e.counts_as = ANY(:appointments))"
LOCATED = f"{COUNTED} AND e.metres IS NOT NULL"
SEEN = f"{MEASURES['observed'].expression} = 1"


def published_savings(sums: Sums) -> Amounts:
    """Impute small cells of a block: distances and times of few are those of the others, or zero; zero visits, or ten,
    stand for few."""
    made = dict(sums.amounts)
    few = {name for name in SAVINGS.imputed if sums.people_of(name) < MIN_PEOPLE}
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


SAVINGS = Family(
    "savings",
    "transactions",
    f"{STANDS} AND {ONLINE} AND {IS_OVER}",
    {"counted": COUNTED, "repeated or followed": f"{DONE} AND NOT ({COUNTED})", "not done": f"NOT ({DONE})"},
    sums_of("transactions", "counted", "located", "metres", "seconds", "online", "observed", "visits"),
    published_savings,
    {
        "located": LOCATED,
        "not located": f"{COUNTED} AND NOT ({LOCATED})",
        "observed": SEEN,
        "not observed": f"NOT ({SEEN})",
        "visits": "e.visits > 0",
    },
)


def published_tickets(sums: Sums) -> Amounts:
    """Few tickets with a wrong clock, or few without one, are published as none, ten, or all of them."""
    made = dict(sums.amounts)
    if sums.people_of("clock wrong") < MIN_PEOPLE:
        made["clock_wrong"] = MIN_PEOPLE if made["clock_wrong"] * 2 >= MIN_PEOPLE else 0
    elif sums.people_of("clock right") < MIN_PEOPLE:
        made["clock_wrong"] = made["tickets"]
    return made


TICKETS = Family(
    "tickets",
    "tickets",
    "true",
    {
        "gave up": f"({GAVE_UP}) IS TRUE",
        "unserved": f"({UNSERVED}) IS TRUE",
        "otherwise": f"({GAVE_UP} OR {UNSERVED}) IS NOT TRUE",
        "walk-in": "t.walk_in",
        "booked": "NOT t.walk_in",
    },
    sums_of("tickets", "gave_up", "unserved", "clock_wrong", "tickets"),
    published_tickets,
    {"clock wrong": f"({CLOCK_WRONG}) IS TRUE", "clock right": f"({CLOCK_WRONG}) IS NOT TRUE"},
    dimensions=("place",),
)
MIX = Family(
    "mix",
    "mix",
    "true",
    {way: f"e.way = '{way}'" for way in ("online", "phone", "desk", "walk-in")},
    {
        "online": "(e.way = 'online')::int",
        "phone": "(e.way = 'phone')::int",
        "in_person": "(e.way IN ('desk', 'walk-in'))::int",
    },
    dimensions=("place",),
)
