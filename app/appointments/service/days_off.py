"""Days off of a unit or of the whole agency, and units out of operation: added afterwards they close what is there."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import HolidayAdded, HolidayRemoved
from app.appointments.models import ScheduleException
from app.appointments.problems import DayOffExists
from app.appointments.rules import day_off_errors
from app.appointments.service.closures import (
    BY_EXCEPTION,
    BY_HOLIDAY,
    LOCK_UNIT,
    MAX_LISTED,
    REOPEN,
    Affected,
    Closed,
    Reinstated,
    close_covered,
    cover,
    listed,
    notify_affected,
    notify_reinstated,
    require_managed,
    require_unit_manager,
)
from app.appointments.statements import STATEMENTS
from app.kernel import clock, ids
from app.kernel.actor import Actor, System
from app.kernel.events import record
from app.kernel.problems import Invalid, NotFound
from app.places.models import Holiday
from app.places.queries import zone_of

HOLIDAY, UNIT = "holiday", "unit"

_MARK_STOPPED = STATEMENTS.load("closures/mark_stopped")


async def add_holiday(session: AsyncSession, actor: Actor, *, unit_id: UUID | None, on_date: date, name: str) -> Closed:
    """A day off of one unit, or of the whole agency: its seats close, whenever it is added.

    Raises:
        UnitNotManaged, NotFound: the actor doesn't manage the unit, or it doesn't exist. Invalid: the day is too far
        away. DayOffExists: it is one already.
    """
    require_unit_manager(actor, unit_id)
    if unit_id is not None and (await session.execute(LOCK_UNIT, {"unit_id": unit_id})).one_or_none() is None:
        raise NotFound
    wrong = day_off_errors(on_date, clock.today(await zone_of(session, unit_id)))
    if wrong:
        raise Invalid(fields=wrong)
    same = select(Holiday.id).where(Holiday.on_date == on_date, Holiday.unit_id.is_not_distinct_from(unit_id))
    if await session.scalar(same) is not None:
        raise DayOffExists
    holiday = Holiday(id=ids.new_id(), unit_id=unit_id, on_date=on_date, name=name)
    session.add(holiday)
    await session.flush()
    closed = await close_covered(session, actor, BY_HOLIDAY, _day_off(holiday), HOLIDAY)
    event = HolidayAdded(subject_id=holiday.id, unit_id=unit_id, on_date=on_date, affected=len(closed.affected))
    await record(session, actor, event)
    return closed


def _day_off(holiday: Holiday) -> dict[str, Any]:
    return {"id": holiday.id, "unit_id": holiday.unit_id, "on_date": holiday.on_date, "now": clock.now()}


async def holidays_of(session: AsyncSession, actor: Actor, unit_id: UUID, since: date) -> list[Holiday]:
    """The days off of a unit and of the whole agency from a day on.

    Raises:
        UnitNotManaged: the actor doesn't manage the unit.
    """
    require_unit_manager(actor, unit_id)
    chosen = (
        select(Holiday)
        .where(Holiday.on_date >= since, or_(Holiday.unit_id.is_(None), Holiday.unit_id == unit_id))
        .order_by(Holiday.on_date, Holiday.id)
        .limit(MAX_LISTED)
    )
    return list((await session.scalars(chosen)).all())


async def own_holiday(session: AsyncSession, actor: Actor, holiday_id: UUID, *, lock: bool = False) -> Holiday:
    """A day off the actor may change.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    holiday = await session.get(Holiday, holiday_id, with_for_update=lock)
    if holiday is None:
        raise NotFound
    require_managed(actor, holiday.unit_id)
    return holiday


async def affected_by_holiday(session: AsyncSession, holiday: Holiday) -> list[Affected]:
    """The live appointments on a day off, by time."""
    return await listed(session, BY_HOLIDAY, _day_off(holiday))


async def remove_holiday(session: AsyncSession, actor: Actor, holiday_id: UUID) -> None:
    """The day is attended again: seats closed by it open; those never made come with the next generation of seats."""
    holiday = await own_holiday(session, actor, holiday_id, lock=True)
    await session.execute(REOPEN, {"id": holiday.id, "unit_id": holiday.unit_id})
    event = HolidayRemoved(subject_id=holiday.id, unit_id=holiday.unit_id, on_date=holiday.on_date)
    await session.delete(holiday)
    await session.flush()
    await record(session, actor, event)
    await notify_reinstated(session, actor, holiday.unit_id)


_ESCAPED = STATEMENTS.load("closures/escaped")
_ESCAPED_HOLIDAY = STATEMENTS.load("closures/escaped_holiday")


async def close_escaped(session: AsyncSession, unit_id: UUID) -> list[Reinstated]:
    """Close at one unit what a closure covers and didn't close, and mark or unmark by whether the unit operates.
    Returns the appointments that stand again."""
    actor, asked = System("schedules"), {"unit_id": unit_id, "now": clock.now()}
    for found in (await session.scalars(_ESCAPED, asked)).all():
        exception = await session.get_one(ScheduleException, found)
        await close_covered(session, actor, BY_EXCEPTION, cover(exception), exception.reason)
    for found in (await session.scalars(_ESCAPED_HOLIDAY, asked)).all():
        holiday = await session.get_one(Holiday, found)
        await close_covered(session, actor, BY_HOLIDAY, _day_off(holiday) | {"unit_id": unit_id}, HOLIDAY)
    return await sync_unit_operation(session, unit_id)


@dataclass(frozen=True, slots=True)
class Stranded:
    """An appointment to come at a unit out of operation. `start_at` is in the unit's zone."""

    folio: str
    service: str
    unit_name: str
    clues: str
    start_at: datetime


_STRANDED = STATEMENTS.load("closures/stranded")


async def stranded(session: AsyncSession, limit: int) -> tuple[list[Stranded], int]:
    """The appointments to come at units out of operation, by unit and time, and how many there are in all."""
    rows = (await session.execute(_STRANDED, {"now": clock.now(), "limit": limit})).all()
    found = [
        Stranded(row.folio, row.service, row.unit_name, row.clues, row.start_at.astimezone(ZoneInfo(row.timezone)))
        for row in rows
    ]
    return found, rows[0].total if rows else 0


async def sync_unit_operation(session: AsyncSession, unit_id: UUID | None = None) -> list[Reinstated]:
    """Notify who has an appointment at a unit that stopped operating, and again when it resumes. Returns those that
    stand again."""
    actor, now = System("schedules"), clock.now()
    await notify_affected(session, actor, _MARK_STOPPED, {"unit_id": unit_id, "now": now, "reason": UNIT})
    return await notify_reinstated(session, actor, unit_id)
