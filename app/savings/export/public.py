"""The export for everybody: fewer columns, and blocks of few people withheld so that they can't be worked out.

A block is what one state has of one service in a calendar year (of tickets too; of segments, one service and one value
of a quality). Its months are all published or none. Withheld are blocks with a month of fewer than ten people, blocks
that the public metrics hide, and then as many more as it takes, until each one withheld lies on a cycle of others:
states and services as lines, withheld blocks as cells (`rules.suppression`). Along such a cycle one may move any number
from a month to another and back, block by block, and every sum that is published by two qualities stays as it is: so
none of them tells what a block had in a month.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from app.savings.export.tables import CHANNEL, EXPORTED, SERVICE, STATE, Field, Table
from app.savings.rules.suppression import ALL, Cell, hidden

Block: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Count:
    """How many people a block has in a month, and the least of what its sums are told of."""

    people: int
    least: int


Months: TypeAlias = Mapping[tuple[date, str, str], Count]
"""By month and block."""

ENOUGH = 10**9
"""Of wholes, which are published as they are."""


@dataclass(frozen=True, slots=True)
class Public:
    """How a table is published. `merged`: keys whose rows are added up. `block`: the two keys of a block, and `apart` a
    key each of whose values has blocks of its own. `sizes`: columns of which none may count few: people, and what a
    further sum is told of.
    """

    table: Table
    merged: tuple[str, ...]
    block: tuple[str, str]
    sizes: tuple[str, ...]
    apart: str = ""


# Told of few within a row of many; the metrics tell them where they may be told.
_LEFT_OUT = {
    *("seconds_sq", "decided", "decide_hours", "decide_hours_sq", "late", "by_rules", "attended", "missed"),
    *("asked", "would_have_gone", "rated", "rating", "rating_sq"),
}
_SQUARES = {"wait_seconds_sq", "service_seconds_sq"}


def _published(name: str, merged: tuple[Field, ...], means: str) -> Table:
    whole = EXPORTED[name]
    gone = {field.name for field in merged} | _LEFT_OUT | _SQUARES
    return Table(
        name,
        whole.title,
        f"{means} Blocks of few people are withheld: see `withheld`.",
        whole.source,
        tuple(field for field in whole.fields if field.name not in gone),
        period=whole.period,
    )


CELLS = Public(
    _published("cells", (CHANNEL,), "Sums of errands by month, state and service."),
    ("channel",),
    ("state", "service"),
    ("people", "observed", "located"),
)
SEGMENTS = Public(
    _published("segments", (STATE, CHANNEL), "Sums of errands by month, service and one quality of the people."),
    ("state", "channel"),
    ("service", "value"),
    ("people", "observed", "located"),
    apart="dim",
)
TICKETS = Public(
    _published("tickets", (), "Sums of desk tickets by month of arrival, state and service."),
    (),
    ("state", "service"),
    ("tickets", "waited", "attended"),
)
PUBLIC: dict[str, Public] = {each.table.name: each for each in (CELLS, SEGMENTS, TICKETS)}
WITHHELD = Table(
    "withheld",
    "What is withheld",
    "Blocks whose months are not published, because one of them is of fewer than ten people or follows from others.",
    "Worked out from the sums",
    (
        Field("table", "string", "the table it is missing from", is_key=True),
        Field("year", "integer", "the calendar year", is_key=True),
        Field("dim", "string", "the quality, of segments; otherwise empty", is_key=True),
        Field("state", "string", STATE.means, is_key=True),
        Field("service", "string", SERVICE.means, is_key=True),
        Field("value", "string", "the quality's value, of segments; otherwise empty", is_key=True),
    ),
)
PUBLIC_TABLES: dict[str, Table] = {
    **{name: public.table for name, public in PUBLIC.items()},
    **{name: EXPORTED[name] for name in ("access", "figures", "regions", "kinds")},
    "withheld": WITHHELD,
}


def withheld(months: Months, service: int) -> frozenset[Block]:
    """The blocks of one year to withhold, those of nobody among them: which they are isn't told. `service` is the place
    of the service in a block."""
    least: dict[Cell, int] = {}
    for (_month, one, other), count in months.items():
        least[one, other] = min(least.get((one, other), count.least), count.least)
    blocks = set(least)
    least |= {whole: ENOUGH for block in blocks for whole in _around(block)}
    also = _hidden_by_metrics({key: count.people for key, count in months.items()}, blocks, service)
    while True:
        away = hidden(least, also)
        # Wholes are published as they are: where they'd have to be hidden, nothing of them is told here.
        around = {block for block in blocks if away.intersection(_around(block))}
        if around <= also:
            return frozenset(cell for cell in away if ALL not in cell)
        also |= around


def _around(block: Cell) -> tuple[Cell, ...]:
    return ((block[0], ALL), (ALL, block[1]), (ALL, ALL))


def _hidden_by_metrics(people: Mapping[tuple[date, str, str], int], blocks: Iterable[Cell], service: int) -> set[Cell]:
    """Blocks with a part in something the public metrics hide: those are asked by any two of month and the two keys."""
    by_first, by_second, by_both = (hidden(_sizes(people, pair, service)) for pair in ((0, 1), (0, 2), (1, 2)))
    first, second = {cell[1] for cell in by_first}, {cell[1] for cell in by_second}
    return {block for block in blocks if block[0] in first or block[1] in second or block in by_both}


def _sizes(people: Mapping[tuple[date, str, str], int], pair: tuple[int, int], service: int) -> dict[Cell, int]:
    """People of each group of two keys and of their wholes, as the metrics count them: each once in a month and
    service, so of several of those at least as many as the most."""
    counted: defaultdict[tuple[Cell, date, str], int] = defaultdict(int)
    for key, count in people.items():
        one, other = key[pair[0]], key[pair[1]]
        for cell in ((one, other), (one, ALL), (ALL, other), (ALL, ALL)):
            counted[cell, key[0], (key[1], key[2])[service]] += count
    sizes: defaultdict[Cell, int] = defaultdict(int)
    for (cell, _month, _service), count in counted.items():
        sizes[cell] = max(sizes[cell], count)
    return dict(sizes)


def block_of(public: Public, row: Mapping[str, Any]) -> tuple[int, str, Block]:
    """The year, the quality and the block of a row."""
    year: int = row[public.table.period].year
    return year, row[public.apart] if public.apart else "", (row[public.block[0]], row[public.block[1]])
