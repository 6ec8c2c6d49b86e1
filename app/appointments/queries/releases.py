"""When the seats of a service at a unit that can't be had yet are released."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.statements import STATEMENTS
from app.kernel import clock

MOST = 3
_HAS = STATEMENTS.load("release/has_releases")
_NEXT = STATEMENTS.load("release/next_releases")


@dataclass(frozen=True, slots=True)
class NextRelease:
    """Seats that can be booked from an instant on, of these days; those of a draw, registered for (`is_draw`)."""

    at: datetime
    seats: int
    first_day: date
    last_day: date
    is_draw: bool


async def next_releases(session: AsyncSession, unit_id: UUID, service: str, today: date) -> list[NextRelease]:
    """The next releases of a service at a unit, soonest first."""
    params = {"unit_id": unit_id, "service": service, "today": today, "now": clock.now(), "most": MOST}
    return [NextRelease(*row) for row in await session.execute(_NEXT, params)]


async def has_releases(session: AsyncSession, unit_id: UUID, service: str) -> bool:
    """Whether there can be anything to say of releases and draws: asked first, since almost nowhere there is."""
    return bool(await session.scalar(_HAS, {"unit_id": unit_id, "service": service}))
