"""Monthly partitions of the event log, made ahead of time; a default partition means no event is ever refused."""

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.ids import uuid7_at

MONTHS_AHEAD = 6


def create_partition_sql(year: int, month: int) -> str:
    """The statement that makes the partition of a month, if it isn't there."""
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (
        f"CREATE TABLE IF NOT EXISTS event_p{year}{month:02d} PARTITION OF event"
        f" FOR VALUES FROM ('{uuid7_at(start)}') TO ('{uuid7_at(end)}')"
    )


def months_from(moment: datetime, count: int) -> list[tuple[int, int]]:
    """This month and the ones after it, `count` in all."""
    first = moment.year * 12 + moment.month - 1
    return [((first + step) // 12, (first + step) % 12 + 1) for step in range(count)]


async def create_partitions(session: AsyncSession) -> None:
    """Make the partitions of the coming months. Safe to repeat."""
    for year, month in months_from(clock.now(), MONTHS_AHEAD):
        await session.execute(text(create_partition_sql(year, month)))
