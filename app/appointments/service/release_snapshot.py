"""How the releases of a unit stand now: compared before and after a change, they say what it moves and takes away."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.release_changes import ActiveDraw, ReleaseSnapshot, SeatRelease
from app.appointments.statements import STATEMENTS
from app.kernel import clock

_SEATS = STATEMENTS.load("release/published")
_DRAWS = STATEMENTS.load("draws/active")


async def snapshot_of_room(session: AsyncSession, unit_id: UUID, room: int) -> ReleaseSnapshot:
    """Of a room: when each free seat to come is released, and the draws that haven't ended."""
    now = clock.now()
    rows = await session.execute(_SEATS, {"unit_id": unit_id, "room": room, "now": now})
    seats = {(row.start_at, row.seat): SeatRelease(row.on_date, row.at, row.is_draw) for row in rows}
    draws = await _draws(session, unit_id)
    return ReleaseSnapshot(now, seats, {key: one for key, one in draws.items() if one.room == room})


async def snapshot_of_draws(session: AsyncSession, unit_id: UUID) -> ReleaseSnapshot:
    """Of a unit: the draws that haven't ended."""
    return ReleaseSnapshot(clock.now(), draws=await _draws(session, unit_id))


async def _draws(session: AsyncSession, unit_id: UUID) -> dict[UUID, ActiveDraw]:
    return {row.id: ActiveDraw(*row) for row in await session.execute(_DRAWS, {"unit_id": unit_id})}
