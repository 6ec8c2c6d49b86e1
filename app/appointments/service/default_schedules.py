"""The schedule a unit begins with: every room of a known kind attends Monday to Friday in each of the unit's shifts.

A starting point that supervisors change; rooms of specialists need their specialty first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import ScheduleOpened
from app.appointments.models import Schedule
from app.appointments.problems import UnitNotOperating
from app.appointments.rules import Pattern
from app.appointments.service.closures import require_unit_manager
from app.appointments.service.generation import generate_slots
from app.kernel import clock, ids
from app.kernel.actor import Actor
from app.kernel.events import record
from app.places.models import Room, Shift, Unit

SERVICE_OF_ROOM = {"consulting": "family-medicine", "dental": "dental", "preventive": "preventive", "window": "window"}
# Four family-medicine consultations an hour, as the institute plans them (domain figures in docs/appointments.md).
SLOT_MINUTES = {"family-medicine": 15, "dental": 30, "preventive": 20, "window": 10}
WEEKDAYS = [1, 2, 3, 4, 5]
LAST_HOUR = time(20)
LAST_MINUTE = LAST_HOUR.hour * 60


async def open_default_schedules(
    session: AsyncSession,
    actor: Actor,
    unit_id: UUID,
    *,
    horizon_days: int,
    releases: Mapping[str, dict[str, Any]] | None = None,
) -> int:
    """Give the unit's rooms that have no schedule the usual one, and make its seats; returns how many were made.
    `releases`: of services that don't release their seats at once.

    Raises:
        UnitNotManaged: the actor doesn't manage the unit. UnitNotOperating.
    """
    require_unit_manager(actor, unit_id)
    unit = await session.get_one(Unit, unit_id)
    if not unit.is_operating:
        raise UnitNotOperating
    shifts = (await session.scalars(select(Shift).where(Shift.unit_id == unit_id))).all()
    used = exists().where(Schedule.unit_id == Room.unit_id, Schedule.room == Room.number)
    rooms = await session.scalars(
        select(Room).where(Room.unit_id == unit_id, Room.kind.in_(SERVICE_OF_ROOM), ~used).order_by(Room.number)
    )
    for room in rooms.all():
        for shift in shifts:
            starts, ends = Pattern.minutes(shift.starts, shift.ends)
            if starts < min(ends, LAST_MINUTE):  # a night shift crosses midnight: no appointments are given in it
                until = shift.ends if ends < LAST_MINUTE else LAST_HOUR
                release = (releases or {}).get(SERVICE_OF_ROOM[room.kind])
                await _open(session, actor, unit, room, shift, ends=until, release=release)
    await session.flush()
    return await generate_slots(session, horizon_days=horizon_days, unit_id=unit_id)


async def _open(
    session: AsyncSession,
    actor: Actor,
    unit: Unit,
    room: Room,
    shift: Shift,
    *,
    ends: time,
    release: dict[str, Any] | None,
) -> None:
    service = SERVICE_OF_ROOM[room.kind]
    schedule = Schedule(
        id=ids.new_id(),
        unit_id=room.unit_id,
        room=room.number,
        shift=shift.code,
        service=service,
        weekdays=WEEKDAYS,
        starts=shift.starts,
        ends=ends,
        slot_minutes=SLOT_MINUTES[service],
        capacity=1,
        valid_from=clock.today(unit.timezone),
        release=release,
    )
    session.add(schedule)
    event = ScheduleOpened(
        subject_id=schedule.id,
        unit_id=schedule.unit_id,
        service=service,
        room=schedule.room,
        shift=schedule.shift,
        valid_from=schedule.valid_from,
    )
    await record(session, actor, event)


async def units_without_schedules(session: AsyncSession) -> list[UUID]:
    """Operating units where no room has a schedule and some room could have one, by CLUES."""
    has_schedule = exists().where(Schedule.unit_id == Unit.id)
    has_room = exists().where(Room.unit_id == Unit.id, Room.kind.in_(SERVICE_OF_ROOM))
    chosen = select(Unit.id).where(Unit.is_operating, has_room, ~has_schedule).order_by(Unit.clues)
    return list((await session.scalars(chosen)).all())


@dataclass(frozen=True, slots=True)
class WithoutDefault:
    """Why the usual schedule isn't opened in the other units: how many of each."""

    scheduled: int
    """Some room has a schedule already."""
    not_operating: int
    without_rooms: int
    """No room is of a kind whose service is known: of which specialty a specialist's room is, the agency must say."""


async def count_units_without_default(session: AsyncSession) -> WithoutDefault:
    """The units that `units_without_schedules` leaves out, counted by the first reason that applies."""
    has_schedule = exists().where(Schedule.unit_id == Unit.id)
    has_room = exists().where(Room.unit_id == Unit.id, Room.kind.in_(SERVICE_OF_ROOM))
    counted = select(
        func.count().filter(has_schedule),
        func.count().filter(~has_schedule, ~Unit.is_operating),
        func.count().filter(~has_schedule, Unit.is_operating, ~has_room),
    ).select_from(Unit)
    return WithoutDefault(*(await session.execute(counted)).one())
