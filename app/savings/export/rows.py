"""Rows of the tables, a page at a time: memory doesn't grow with the rows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.savings.export.tables import EXPORTED, KINDS, PUBLIC_TABLES, Table
from app.savings.kinds import kinds_of_services
from app.savings.problems import BaselineUnknown, unsupported
from app.savings.queries.versions import list_baselines, newest_version

PAGE = 10_000
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Which periods and which version of the parameters; None leaves an end open, or takes the newest version. The
    public gets months that have ended before `today`.

    Raises:
        Invalid: the last day is before the first.
    """

    since: date | None = None
    until: date | None = None
    version: int | None = None
    is_public: bool = True
    today: date = field(default=date.max, compare=False)

    def __post_init__(self) -> None:
        if self.since is not None and self.until is not None and self.until < self.since:
            raise unsupported("until", "dates-in-order")

    def tables(self) -> dict[str, Table]:
        """The tables there are for whom it is."""
        return PUBLIC_TABLES if self.is_public else EXPORTED


async def pages(session: AsyncSession, name: str, span: Span) -> AsyncIterator[list[Row]]:
    """The rows of a table, ordered by its keys, in pages.

    Raises:
        KeyError: there is no such table for whom it is. BaselineUnknown: that version isn't published, or none is.
    """
    table = span.tables()[name]
    if name == KINDS.name:
        yield sorted(kinds_of_services().items())
    else:
        async for page in _read(session, table, span):
            yield page


async def version_of(session: AsyncSession, asked: int | None) -> int:
    """The version asked for, or the newest.

    Raises:
        BaselineUnknown: it isn't published, or none is.
    """
    if asked is None:
        return await newest_version(session)
    if asked not in {row.version for row in await list_baselines(session) if row.published_at is not None}:
        raise BaselineUnknown
    return asked


async def _read(session: AsyncSession, table: Table, span: Span) -> AsyncIterator[list[Row]]:
    """A server-side cursor: the driver holds one page."""
    conditions, given = await _conditions(session, table, span)
    chosen = ", ".join(field.name for field in table.fields)
    statement = f"SELECT {chosen} FROM analytics.{table.name}{conditions} ORDER BY {', '.join(table.keys)}"
    result = await session.stream(text(statement), given, execution_options={"yield_per": PAGE})
    async for page in result.partitions(PAGE):
        yield [tuple(row) for row in page]


async def _conditions(session: AsyncSession, table: Table, span: Span) -> tuple[str, dict[str, Any]]:
    wanted, given = _between(table, span)
    if table.name == "parameters":
        wanted.append("version = :version")
        given["version"] = await version_of(session, span.version)
    return (f" WHERE {' AND '.join(wanted)}" if wanted else ""), given


def _between(table: Table, span: Span) -> tuple[list[str], dict[str, Any]]:
    ends = {"since": (">=", span.since), "until": ("<=", span.until)}
    if table.period == "month" and span.since is not None:
        ends["since"] = (">=", span.since.replace(day=1))
    given = {name: day for name, (_sign, day) in ends.items() if day is not None}
    wanted = [f"{table.period} {ends[name][0]} :{name}" for name in given]
    if span.is_public and table.period:
        wanted.append(f"{table.period} < :month_of_today")
        given["month_of_today"] = span.today.replace(day=1)
    return (wanted, given) if table.period else ([], {})
