"""Sums of transactions, tickets, reasons and readings of access, grouped and filtered by a query: one statement per
query, over the coarsest cells.

A statement depends on the plan, the groups and which filters there are, never on their values; it is built when it is
first asked for, and cached.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import TextClause, text

from app.savings.measures import TICKET_MEASURES
from app.savings.queries.geography import Db, filter_values
from app.savings.rules.groups import PERIODS
from app.savings.rules.metric_query import PERIOD_OF, Geography, MetricQuery, Plan
from app.savings.rules.uncertainty import Floats
from app.savings.statements import NOTHING, SEPARATOR, STATEMENTS

Names = tuple[str, ...]
MAX_STATEMENTS = 500
"""Statements a process caches: a few thousand characters each."""


@dataclass(frozen=True, slots=True)
class Row:
    """One group: its keys in the order asked for, the service and place whose parameters count, and the sums."""

    keys: tuple[Any, ...]
    service: str
    place: str
    sums: Mapping[str, int]


def rows_of(found: Iterable[Sequence[Any]], groups: int, names: Names) -> list[Row]:
    """The rows of a statement made from `sums.sql` or alike: keys, service, place, sums."""
    return [
        Row(tuple(row[:groups]), row[groups], row[groups + 1], dict(zip(names, row[groups + 2 :], strict=True)))
        for row in found
    ]


async def sums(db: Db, query: MetricQuery, plan: Plan, measures: Iterable[str], *, features: bool) -> list[Row]:
    """The sums of these measures, ordered by their groups. With `features` also apart by service and place, as the
    model of savings needs them."""
    names, given = tuple(measures), filter_values(query)
    statement = _sums(plan, query.group_by, frozenset(given), names, features)
    found = (await db.execute(statement, given | _days(query, plan))).all()
    return rows_of(found, len(query.group_by), names)


@lru_cache(maxsize=MAX_STATEMENTS)
def _sums(plan: Plan, group_by: Names, filters: frozenset[str], names: Names, features: bool) -> TextClause:
    parts = list(_parts(plan, group_by, filters))
    return sums_statement(
        [rows for rows, _period in parts],
        group_by,
        plan.geography,
        names,
        features=features,
        whole_period=parts[0][1] if len(parts) == 1 else "",
    )


def sums_statement(
    rows: Sequence[str], group_by: Names, geography: Geography, names: Names, *, features: bool, whole_period: str = ""
) -> TextClause:
    """The statement of the sums of these selects, read by `rows_of`."""
    parts: dict[str, Any] = {"rows": rows, "group_by": group_by, "geography": geography, "names": names}
    return text(STATEMENTS.fragment("sums", **parts, features=features, whole_period=whole_period))


def _days(query: MetricQuery, plan: Plan) -> dict[str, date]:
    """Cells have their days in the statement."""
    return {"since": query.since, "until": query.until} if plan.from_transactions else {}


def _parts(plan: Plan, group_by: Names, filters: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The selects that a plan reads, each with the period of its cells; none of a unit's transactions, one by one."""
    if plan.from_transactions:
        # The period in which each person is counted once.
        counted_in = next((period for period in ("day", "week") if period in group_by), "month")
        yield STATEMENTS.fragment("transactions_of", plan=plan, filters=filters, counted_in=counted_in), ""
        return
    for piece in plan.pieces:
        rows = STATEMENTS.fragment("cells_of", plan=plan, piece=piece, filters=filters)
        yield rows, PERIOD_OF[piece.period_type]


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """Row by row the keys in the order of `group_by`, the service and place whose parameters count, and the sums. The
    same keys, service and place may be in several rows, of pieces of a period: they add up."""

    keys: list[tuple[Any, ...]]
    services: list[str]
    places: list[str]
    sums: Mapping[str, Floats]


async def group_totals(db: Db, query: MetricQuery, plan: Plan, measures: Iterable[str]) -> GroupTotals:
    """Sums for the model: by group, service and place, as columns of numbers instead of thousands of rows. The measures
    must not be squares: those may pass 2**53."""
    names, given = tuple(measures), filter_values(query)
    statement = _group_totals(plan, query.group_by, frozenset(given), names)
    found = [row for row in await db.execute(statement, given | _days(query, plan)) if row[-1] is not None]
    readers = [*(_dates if name in PERIODS else _texts for name in query.group_by), _texts, _texts]
    *keys, places, services = (
        list(chain.from_iterable(read(row[n]) for row in found)) for n, read in enumerate(readers)
    )
    listed = list(zip(*keys, strict=True)) if keys else [()] * len(services)
    # Group by group in the answer, sum by sum here.
    sums = np.frombuffer(b"".join(row[-1] for row in found), ">f8").reshape(-1, len(names)).T.astype(float, order="C")
    return GroupTotals(listed, services, places, dict(zip(names, sums, strict=True)))


@lru_cache(maxsize=MAX_STATEMENTS)
def _group_totals(plan: Plan, group_by: Names, filters: frozenset[str], names: Names) -> TextClause:
    parts = list(_parts(plan, group_by, filters))
    return text(
        STATEMENTS.fragment("group_totals", parts=parts, group_by=group_by, geography=plan.geography, names=names)
    )


_EPOCH = date(1970, 1, 1)


def _dates(days: bytes) -> list[Any]:
    numbers = np.frombuffer(days, ">i4").tolist()
    made = {number: _EPOCH + timedelta(days=number) for number in set(numbers)}
    return list(map(made.__getitem__, numbers))


def _texts(joined: str) -> list[Any]:
    texts = joined.split(chr(SEPARATOR))
    return [None if one == chr(NOTHING) else one for one in texts] if chr(NOTHING) in joined else texts


TICKET_SUMS = tuple(TICKET_MEASURES)
REASON_SUMS = ("times",)
READING_SUMS = ("readings", "days", "days_sq")


async def ticket_sums(db: Db, query: MetricQuery, *, features: bool = False) -> list[Row]:
    """Sums of tickets by group. With `features` also apart by service and place."""
    return await _sums_from(db, "tickets_of", query, query.geography, TICKET_SUMS, features=features)


async def reason_sums(db: Db, query: MetricQuery) -> list[Row]:
    """How often each reason was given, by group."""
    return await _sums_from(db, "reasons_of", query, "S", REASON_SUMS)


async def access_sums(db: Db, query: MetricQuery) -> list[Row]:
    """Readings of the third next available time by group: how many had one, their days and the squares of those."""
    return await _sums_from(db, "readings_of", query, "U", READING_SUMS)


async def _sums_from(
    db: Db, source: str, query: MetricQuery, geography: Geography, names: Names, *, features: bool = False
) -> list[Row]:
    given = filter_values(query)
    statement = _statement_from(source, query.group_by, frozenset(given), geography, names, features)
    found = (await db.execute(statement, given | {"since": query.since, "until": query.until})).all()
    return rows_of(found, len(query.group_by), names)


@lru_cache(maxsize=MAX_STATEMENTS)
def _statement_from(
    source: str, group_by: Names, filters: frozenset[str], geography: Geography, names: Names, features: bool
) -> TextClause:
    period = next((name for name in group_by if name in PERIODS), "")
    rows = STATEMENTS.fragment(source, geography=geography, filters=filters, period=period)
    return sums_statement([rows], group_by, geography, names, features=features)
