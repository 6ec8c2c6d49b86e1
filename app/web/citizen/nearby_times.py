"""A few free times in place of an appointment: on several days near it, with the person's own doctor first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from app.appointments.horizon import last_open_day
from app.appointments.queries import availability
from app.appointments.queries.availability import FreeDay, FreeTime, Own
from app.appointments.queries.own import OwnAppointment, busy_times
from app.appointments.rules import has_own_doctor, policy_of
from app.appointments.service.eligibility import bookable_days
from app.kernel import clock
from app.registry.queries import find_person

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

DAYS, OF_A_DAY = 4, 3


@dataclass(frozen=True, slots=True)
class NearbyDay:
    """A day and the times offered on it."""

    day: date
    times: tuple[FreeTime, ...]


async def nearby_times(tx: AsyncSession, own: OwnAppointment) -> list[NearbyDay]:
    """The times that a person may have instead, in the service and unit of the appointment; not the very time that it
    has."""
    person = await find_person(tx, own.person_id)
    if person is None:
        return []
    busy = await busy_times(tx, own.person_id, own.id)
    is_assigned = person.unit_id == own.unit_id and has_own_doctor(own.service)
    who = Own(person.room, person.shift, person.id, busy) if is_assigned else Own(person_id=person.id, busy=busy)
    last = last_open_day(own.timezone)
    earliest = clock.now() + timedelta(minutes=policy_of(own.service).min_ahead_minutes)
    found = await availability.free_days(
        tx, own.unit_id, own.service, own=who, first=clock.today(own.timezone), last=last, earliest=earliest
    )
    allowed, _why = await bookable_days(tx, own.person_id, own.unit_id, own.service, found, moving=own.id)
    days: list[NearbyDay] = []
    for one in nearest_days(allowed, own.on_date)[: DAYS + 1]:  # one more: the own time may be a day's only one
        if len(days) == DAYS:
            break
        free = await availability.free_times(
            tx, own.unit_id, own.service, one.day, own=who, last=last, earliest=earliest
        )
        times = nearest_times(free, own.start_at, OF_A_DAY)
        days += [NearbyDay(one.day, tuple(times))] if times else []
    return sorted(days, key=lambda one: one.day)


def nearest_days(days: Sequence[FreeDay], wanted: date) -> list[FreeDay]:
    """These days, those with the person's own doctor first, then the nearest to the one wanted, of two as near the
    later."""
    return sorted(days, key=lambda one: (not one.mine, abs((one.day - wanted).days), one.day < wanted))


def nearest_times(times: Sequence[FreeTime], wanted: datetime, most: int) -> list[FreeTime]:
    """Of the times of a day some, by the hour: those with the person's own doctor first, then the nearest to the time
    of day wanted. Never the very time."""
    others = [one for one in times if one.start_at != wanted]

    def distance(one: FreeTime) -> timedelta:
        apart = abs(one.start_at - wanted) % timedelta(days=1)
        return min(apart, timedelta(days=1) - apart)

    ranked = sorted(others, key=lambda one: (not one.is_mine, distance(one), one.start_at))
    return sorted(ranked[:most], key=lambda one: one.start_at)
