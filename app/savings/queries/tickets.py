"""Sums of tickets, of reasons and of readings of access, grouped and filtered by a query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.savings.measures import TICKET_MEASURES
from app.savings.queries.geography import geography_of, place_conditions, place_key, place_lists
from app.savings.queries.sums import PERIOD_SQL, Row
from app.savings.rules.plan import PERIODS, PLACES, Geography, MetricQuery

Db = AsyncConnection | AsyncSession
_SPAN = "period BETWEEN :since AND :until"


@dataclass(frozen=True, slots=True)
class _Source:
    """A table of sums: where its rows are, at what geography, and the columns that are added up."""

    rows: str
    geography: Geography
    columns: tuple[str, ...]


async def ticket_sums(db: Db, query: MetricQuery, *, features: bool = False) -> list[Row]:
    """Sums of tickets by group. With `features` also apart by service and place."""
    return await _sums(db, query, _tickets(query), features=features)


async def reason_sums(db: Db, query: MetricQuery) -> list[Row]:
    """How often each reason was given, by group."""
    rows = f"SELECT period, state AS place, service, reason, times FROM saving_reason_cell WHERE {_SPAN}"
    return await _sums(db, query, _Source(rows, "S", ("times",)))


async def access_sums(db: Db, query: MetricQuery) -> list[Row]:
    """Readings of the third next available time by group: how many had one, their days and the squares of those."""
    period = next((PERIOD_SQL[name] for name in query.group_by if name in PERIODS), "DATE '2000-01-01'")
    # Added up by unit first: there are many days to a unit and few units to look up.
    rows = (
        f"SELECT {period.replace('period', 'on_date')} AS period, unit_id::text AS place, service,"
        " count(days) AS readings, coalesce(sum(days), 0) AS days, coalesce(sum(days::bigint * days), 0) AS days_sq"
        f" FROM saving_access_reading WHERE {_SPAN.replace('period', 'on_date')} GROUP BY 1, 2, 3"
    )
    return await _sums(db, query, _Source(rows, "U", ("readings", "days", "days_sq")))


def _tickets(query: MetricQuery) -> _Source:
    geography = geography_of(query)
    rows = f"SELECT * FROM saving_ticket_cell WHERE geography = '{geography}' AND {_SPAN}"
    return _Source(rows, geography, tuple(TICKET_MEASURES))


async def _sums(db: Db, query: MetricQuery, source: _Source, *, features: bool = False) -> list[Row]:
    keys = [_key(name, source.geography) for name in query.group_by]
    apart = ["service", "place"] if features else ["''", "''"]
    chosen = "".join(f"{key} AS k{number}, " for number, key in enumerate(keys))
    grouped = [str(number) for number in range(1, len(keys) + 1 + 2 * features)]
    added = ", ".join(f"coalesce(sum({name}), 0)::bigint AS {name}" for name in source.columns)
    statement = (
        f"SELECT {chosen}{apart[0]} AS service, {apart[1]} AS place, {added} FROM ({_filtered(query, source)}) c"
        + (f" GROUP BY {', '.join(grouped)}" if grouped else "")
    )
    rows = (await db.execute(text(statement), _asked(query))).all()
    split = len(keys)
    return [
        Row(tuple(row[:split]), row[split], row[split + 1], dict(zip(source.columns, row[split + 2 :], strict=True)))
        for row in rows
    ]


def _key(name: str, geography: Geography) -> str:
    return place_key(name, geography) if name in PLACES else PERIOD_SQL.get(name, name)


def _filtered(query: MetricQuery, source: _Source) -> str:
    services = " AND service = ANY(:services)" if query.services else ""
    return f"SELECT * FROM ({source.rows}) r WHERE true{services}{place_conditions(query, source.geography)}"


def _asked(query: MetricQuery) -> Mapping[str, Any]:
    services = {"services": list(query.services)} if query.services else {}
    return {"since": query.since, "until": query.until} | services | place_lists(query)
