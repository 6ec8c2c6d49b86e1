"""Sums of the public release, grouped and filtered by a query; and its coverage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text

from app.savings.queries.cells import MAX_STATEMENTS, Names, Row, rows_of
from app.savings.queries.geography import Db, filter_values
from app.savings.rules.families import Family
from app.savings.rules.groups import PERIODS
from app.savings.rules.metric_query import MetricQuery
from app.savings.statements import STATEMENTS

_COVERAGE = {period: STATEMENTS.load("coverage", variant=period, period=period) for period in PERIODS}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of a period: whether some services, and some places or qualities, were released only together with others; and
    whether months are missing, being suppressed or not settled yet."""

    services: bool
    others: bool
    months: bool


async def released_sums(
    db: Db, query: MetricQuery, family: Family, dimension: str, *, features: bool = False
) -> list[Row]:
    """The amounts of a family by group, ordered by their groups. With `features` also apart by service and place."""
    given = _filters(query)
    by_state = bool(query.states) or "state" in query.group_by
    statement = _released_sums(query.group_by, frozenset(given), len(family.amounts), by_state, features)
    found = (await db.execute(statement, given | _released(query, family, dimension))).all()
    return rows_of(found, len(query.group_by), tuple(family.amounts))


@lru_cache(maxsize=MAX_STATEMENTS)
def _released_sums(
    group_by: Names, filters: frozenset[str], amounts: int, by_state: bool, features: bool
) -> TextClause:
    return text(
        STATEMENTS.fragment(
            "released_sums", group_by=group_by, filters=filters, amounts=amounts, by_state=by_state, features=features
        )
    )


async def coverage(
    db: Db, query: MetricQuery, family: Family, dimension: str, months: Sequence[date]
) -> Mapping[date | None, Coverage]:
    """Return what is missing in each period that the query groups by (its first day), and in all of them (None)."""
    period = next((name for name in query.group_by if name in PERIODS), "month")
    given = _released(query, family, dimension) | {"months": list(months)}
    found = (await db.execute(_COVERAGE[period], given)).all()
    gaps: dict[date | None, Coverage] = {row.period: Coverage(row.services, row.others, row.months) for row in found}
    gaps[None] = Coverage(
        any(gap.services for gap in gaps.values()),
        any(gap.others for gap in gaps.values()),
        any(gap.months for gap in gaps.values()),
    )
    return gaps


def _filters(query: MetricQuery) -> dict[str, Any]:
    """Blocks of a dimension hold one value: a channel's, or a segment's."""
    given = filter_values(query)
    channels = given.pop("channels", None)
    return given if channels is None or "values" in given else given | {"values": channels}


def _released(query: MetricQuery, family: Family, dimension: str) -> dict[str, Any]:
    return {"family": family.id, "dimension": dimension, "since": query.since, "until": query.until}
