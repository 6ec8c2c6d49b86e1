"""Withdraw a schedule that hasn't begun."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import ScheduleHasAppointments, ScheduleStarted
from app.appointments.service.closures import replace_lost_offers
from app.appointments.service.schedules import (
    LOCK_OF_SCHEDULE,
    PATTERN,
    REMOVE_SEATS,
    change_of,
    schedule_to_change,
)
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.db import rows_written
from app.kernel.etags import Versions
from app.kernel.events import record

_BOOKED = STATEMENTS.load("schedules/booked")


async def withdraw_schedule(session: AsyncSession, actor: Actor, schedule_id: UUID, *, version: Versions) -> None:
    """Remove a schedule whose first day is still to come, with its free and held seats.

    Raises:
        NotFound, Stale, ScheduleEnded. ScheduleStarted: its first day is today or past. ScheduleHasAppointments: people
        have appointments by it; the caller's transaction must not commit.
    """
    schedule, today = await schedule_to_change(session, actor, schedule_id, version)
    if schedule.valid_from <= today:
        raise ScheduleStarted
    params = {name: getattr(schedule, name) for name in PATTERN}
    params |= {"id": schedule.id, "unit_id": schedule.unit_id, "now": clock.now()}
    # Ended before it began, it fits no seat: all go but those that are booked.
    schedule.valid_to = schedule.valid_from - timedelta(days=1)
    await session.flush()
    await session.execute(LOCK_OF_SCHEDULE, params)
    removed = await rows_written(session, REMOVE_SEATS, params)
    booked = int(await session.scalar(_BOOKED, params) or 0)
    if booked:
        raise ScheduleHasAppointments(appointments=booked, extra={"appointments": booked})
    await replace_lost_offers(session, actor, schedule.id, schedule.unit_id)
    await record(session, actor, change_of(schedule, removed, 0))
    await session.delete(schedule)
