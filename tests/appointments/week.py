"""A week of October with a room that attends, and what is left of it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.appointments.service import closures
from app.kernel import clock
from app.kernel.actor import System
from app.places.models import Unit
from tests.appointments import factories

TEST = System("test")
DAYS = 5


async def states(session: AsyncSession) -> dict[str, int]:
    rows = await session.execute(text("SELECT state, count(*) FROM seat GROUP BY 1"))
    return {str(state): int(count) for state, count in rows}


async def happened(session: AsyncSession, kind: str) -> list[dict[str, Any]]:
    found = await session.scalars(text("SELECT payload FROM event WHERE type = :kind ORDER BY id"), {"kind": kind})
    return list(found.all())


async def opened(session: AsyncSession) -> tuple[Unit, Schedule]:
    """A room that attends four half hours from eight on, from tomorrow."""
    unit = await factories.unit(session)
    tomorrow = clock.today(unit.timezone) + timedelta(days=1)
    schedule, _count = await factories.schedule(session, unit, valid_from=tomorrow, horizon_days=DAYS)
    return unit, schedule


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour + 6, minute), UTC)  # Mexico City is six hours behind


MONDAY = date(2026, 10, 5)
THURSDAY, FRIDAY = date(2026, 10, 8), date(2026, 10, 9)


async def close(session: AsyncSession, unit: Unit, room: int | None = None, day: date = FRIDAY) -> closures.Closed:
    span: dict[str, Any] = {"starts_at": at(day, 0), "ends_at": at(day, 0) + timedelta(days=1)}
    return await closures.close(session, TEST, unit_id=unit.id, room=room, shift=None, reason="maintenance", **span)
