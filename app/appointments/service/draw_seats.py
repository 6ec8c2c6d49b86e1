"""What the wait list needs of a draw to offer its seats: whom to ask, in the drawn order, and their entries."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.draw import next_draw_step
from app.appointments.release_models import DrawRegistration
from app.appointments.statements import STATEMENTS
from app.appointments.wait_list import (
    EVERY_DAY,
    MIN_NOTICE,
    Ask,
    EntryStatus,
    FreedTime,
    Release,
    Wait,
    Waiting,
    Wish,
)
from app.appointments.wait_models import FreedSeat, WaitEntry
from app.kernel import clock

HOUR = timedelta(hours=1)
_CANDIDATES = STATEMENTS.load("draws/candidates")


async def draw_step(
    session: AsyncSession, unit_id: UUID, row: Any, freed: FreedTime, zone: str
) -> Ask | Wait | Release:
    """What is done with a seat of a draw (`row`, of the due seats)."""
    now = clock.now()
    params = {"unit_id": unit_id, "draw_id": row.draw_id, "service": row.service, "now": now}
    entries = [
        Waiting(
            one.id,
            one.person_id,
            Wish(EVERY_DAY, notice=MIN_NOTICE),
            one.registered_at,
            one.has_start_at,
            one.is_affected,
            place=one.position,
            of=row.registrations,
        )
        for one in await session.execute(_CANDIDATES, params)
    ]
    return next_draw_step(entries, freed, now, zone, row.public_at)


async def enter(session: AsyncSession, unit_id: UUID, row: Any, registration_id: UUID, moving: UUID | None) -> None:
    """Give a registration that is asked its entry of the wait list, which has its id. It may have one already."""
    found = await session.get_one(DrawRegistration, (unit_id, registration_id))
    entry = insert(WaitEntry).values(
        unit_id=unit_id,
        id=found.id,
        draw_id=found.draw_id,
        person_id=found.person_id,
        service=row.service,
        appointment_id=moving,
        weekdays=sorted(EVERY_DAY),
        shift=None,
        room=None,
        notice_hours=MIN_NOTICE // HOUR,
        asked_at=found.registered_at,
        renewed_at=clock.now(),
        asked_by_kind=found.registered_by_kind,
        asked_by_id=found.registered_by_id,
        channel=found.channel,
        status=EntryStatus.ACTIVE.value,
        ignored=0,
        version=1,
    )
    await session.execute(
        entry.on_conflict_do_update(index_elements=["unit_id", "id"], set_={"appointment_id": moving})
    )


async def look_at_others(session: AsyncSession, unit_id: UUID, draw_id: UUID) -> None:
    """Look at the other seats of a draw soon: someone of it can be asked again."""
    place = (FreedSeat.unit_id == unit_id, FreedSeat.draw_id == draw_id, FreedSeat.outcome.is_(None))
    now = clock.now()
    await session.execute(update(FreedSeat).where(*place, FreedSeat.look_at > now).values(look_at=now))
