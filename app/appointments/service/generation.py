"""Generate the seats of the coming days from the schedules, and delete those of past days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import SlotsGenerated
from app.appointments.models import MAX_SEAT_LENGTH
from app.appointments.service.closures import LOCK_UNIT, Reinstated
from app.appointments.service.days_off import close_escaped
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.db import rows_written
from app.kernel.events import record
from app.places.calendar import federal_holidays
from app.places.queries import zone_of

_MAKE = STATEMENTS.load("generation/generate", longest=MAX_SEAT_LENGTH)


@dataclass(frozen=True, slots=True)
class Generated:
    """How many seats were missing, and the appointments that stand again now that theirs is there."""

    made: int
    reinstated: Sequence[Reinstated] = ()


async def generate_slots(session: AsyncSession, *, horizon_days: int, unit_id: UUID | None = None) -> int:
    """As `generate`; returns how many seats were missing."""
    return (await generate(session, horizon_days=horizon_days, unit_id=unit_id)).made


async def generate(session: AsyncSession, *, horizon_days: int, unit_id: UUID | None = None) -> Generated:
    """Make the seats of the coming days, of one unit or of all. Safe to repeat.

    Units that don't operate get none. Of one unit, what a closure covers is closed, however late the closure came.
    """
    now = clock.now()
    if unit_id is not None:
        await session.execute(LOCK_UNIT, {"unit_id": unit_id})
    first, *_between, last = clock.dates_in_progress()
    last += timedelta(days=horizon_days)
    params = {"now": now, "days": horizon_days, "unit_id": unit_id, "rest_days": federal_holidays(first, last)}
    made = await rows_written(session, _MAKE, params)
    if made and unit_id is not None:
        until = clock.today(await zone_of(session, unit_id)) + timedelta(days=horizon_days)
        await record(
            session, System("schedules"), SlotsGenerated(subject_id=unit_id, unit_id=unit_id, seats=made, until=until)
        )
    return Generated(made, await close_escaped(session, unit_id) if unit_id is not None else ())


_TO_BOOK = STATEMENTS.load("generation/units_with_slots")


async def units_with_slots(session: AsyncSession) -> list[UUID]:
    """The units whose seats are generated, by CLUES; those out of operation too, for the sake of their appointments."""
    return list((await session.scalars(_TO_BOOK)).all())


_KEEP_COUNTS = STATEMENTS.load("generation/keep_counts")
_PURGE = STATEMENTS.load("generation/purge_past")


async def purge_past(session: AsyncSession, before: datetime) -> int:
    """Delete seats of days that were over, at their unit, by an instant; returns how many. The appointment keeps the
    history, so a booked seat goes only when its appointment is closed: whatever the clock says, no open appointment
    loses its seat. How many were open is kept, by room and day."""
    await session.execute(_KEEP_COUNTS, {"before": before})
    return await rows_written(session, _PURGE, {"before": before})
