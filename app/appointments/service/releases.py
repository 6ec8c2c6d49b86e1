"""Note the waves that were released. The seats are free by themselves, so a late job delays a record, never a seat."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.release_events import WaveReleased
from app.appointments.release_models import ReleasedWave
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.events import record

PORTAL = System("release")
NOTED_SINCE = timedelta(days=2)
"""A wave is noted for this long after its moment: later it is of no use to anyone."""
_UNITS = STATEMENTS.load("release/units")
_NOTE_WAVES = STATEMENTS.load("release/note_waves")


async def releasing_units(session: AsyncSession) -> Sequence[UUID]:
    """The units with a schedule that releases its seats in waves or by draw."""
    return (await session.scalars(_UNITS, {"today": clock.dates_in_progress()[0]})).all()


async def note_waves(session: AsyncSession, unit_id: UUID) -> int:
    """Record the waves of a unit that were released since; returns how many. Each once, also with two workers."""
    now = clock.now()
    rows = await session.execute(_NOTE_WAVES, {"unit_id": unit_id, "now": now, "since": now - NOTED_SINCE})
    found = sorted(rows.all(), key=lambda one: (one.released_at, one.on_date, one.wave))
    for row in found:
        released = WaveReleased(
            subject_id=row.id,
            unit_id=unit_id,
            service=row.service,
            schedule_id=row.schedule_id,
            room=row.room,
            on_date=row.on_date,
            wave=row.wave,
            seats=row.seats,
            released_at=row.released_at,
        )
        await record(session, PORTAL, released)
    return len(found)


async def delete_old(session: AsyncSession, before: datetime) -> None:
    """Delete the waves that were released before an instant."""
    await session.execute(delete(ReleasedWave).where(ReleasedWave.released_at < before))
