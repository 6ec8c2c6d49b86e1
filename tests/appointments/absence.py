"""A doctor is absent: a room with appointments is closed, and those whom it hits answer."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.schemas import AppointmentOut
from app.appointments.service import answers, shift_closures
from app.appointments.service.closures import Closed
from app.appointments.service.shift_closures import ShiftSpan
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories as places
from tests.appointments.week import TEST, THURSDAY


def absent(unit: Unit, first: date = THURSDAY, last: date | None = None, room: int | None = 1) -> ShiftSpan:
    return ShiftSpan(unit.id, room, None, first, last or first, "leave")


async def close(session: AsyncSession, unit: Unit, first: date = THURSDAY, **more: Any) -> Closed:
    return await shift_closures.close_shift(session, TEST, absent(unit, first, **more))


async def booked(session: AsyncSession, unit: Unit, *times: datetime, room: int = 1) -> list[tuple[Person, str]]:
    made = []
    for start in times:
        who = await places.person(session, unit)
        made.append((who, (await places.booked(session, who, places.place(unit, start, room=room))).folio))
    return made


async def accept(session: AsyncSession, who: Person, folio: str) -> AppointmentOut:
    return (await answers.accept(session, places.citizen(who), folio, places.once())).value


async def held_seats(session: AsyncSession) -> int:
    return int(await session.scalar(text("SELECT count(*) FROM seat WHERE state = 'held'")) or 0)
