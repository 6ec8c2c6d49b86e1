"""Consistency check: rebuild the sums from the event log and compare."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import positions
from app.savings.service import rollup

SUM_TABLES = ("service_transaction", "ticket", "saving_cell", "saving_reason_cell", "saving_ticket_cell")
_AS_TEXT = "(to_jsonb(t) - 'event_ids')::text"
"""A row regardless of the order of its events."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How many events were read, and how many rows a rebuild would remove or add, by table."""

    events: int
    differences: dict[str, int]


async def check(session: AsyncSession, batch: int | None = None) -> Checked:
    """Catch up with the log, rebuild, and compare; everything is rolled back.

    Raises:
        EventsMissing: a rebuild would lose what the log no longer has.
    """
    await positions.assign_pending_positions()
    savepoint = await session.begin_nested()
    await rollup.catch_up(session, batch)
    for table in SUM_TABLES:
        await session.execute(
            text(f"CREATE TEMP TABLE was_{table} ON COMMIT DROP AS SELECT {_AS_TEXT} AS row FROM {table} t")
        )
    events = await rollup.rebuild(session, batch)
    found = {table: await _differences(session, table) for table in SUM_TABLES}
    await savepoint.rollback()
    return Checked(events, {table: count for table, count in found.items() if count})


async def _differences(session: AsyncSession, table: str) -> int:
    now = f"SELECT {_AS_TEXT} AS row FROM {table} t"
    statement = (
        f"SELECT (SELECT count(*) FROM (SELECT row FROM was_{table} EXCEPT ALL {now}) missing)"
        f" + (SELECT count(*) FROM ({now} EXCEPT ALL SELECT row FROM was_{table}) new)"
    )
    return int(await session.scalar(text(statement)) or 0)
