"""Sums of tickets, of reasons and of readings of access, grouped and filtered by a query."""

from functools import lru_cache

from sqlalchemy import TextClause

from app.savings.measures import TICKET_MEASURES
from app.savings.queries.cells import MAX_STATEMENTS, Names, Row, rows_of, sums_statement
from app.savings.queries.geography import Db, filter_values
from app.savings.rules.groups import PERIODS
from app.savings.rules.metric_query import Geography, MetricQuery
from app.savings.statements import STATEMENTS

TICKET_SUMS = tuple(TICKET_MEASURES)
REASON_SUMS = ("times",)
READING_SUMS = ("readings", "days", "days_sq")


async def ticket_sums(db: Db, query: MetricQuery, *, features: bool = False) -> list[Row]:
    """Sums of tickets by group. With `features` also apart by service and place."""
    return await _sums(db, "tickets_of", query, query.geography, TICKET_SUMS, features=features)


async def reason_sums(db: Db, query: MetricQuery) -> list[Row]:
    """How often each reason was given, by group."""
    return await _sums(db, "reasons_of", query, "S", REASON_SUMS)


async def access_sums(db: Db, query: MetricQuery) -> list[Row]:
    """Readings of the third next available time by group: how many had one, their days and the squares of those."""
    return await _sums(db, "readings_of", query, "U", READING_SUMS)


async def _sums(
    db: Db, source: str, query: MetricQuery, geography: Geography, names: Names, *, features: bool = False
) -> list[Row]:
    given = filter_values(query)
    statement = _statement(source, query.group_by, frozenset(given), geography, names, features)
    found = (await db.execute(statement, given | {"since": query.since, "until": query.until})).all()
    return rows_of(found, len(query.group_by), names)


@lru_cache(maxsize=MAX_STATEMENTS)
def _statement(
    source: str, group_by: Names, filters: frozenset[str], geography: Geography, names: Names, features: bool
) -> TextClause:
    period = next((name for name in group_by if name in PERIODS), "")
    rows = STATEMENTS.fragment(source, geography=geography, filters=filters, period=period)
    return sums_statement([rows], group_by, geography, names, features=features)
