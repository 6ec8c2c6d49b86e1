"""A clinic with counters and people to attend, through the use cases of the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import time_machine
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment
from app.appointments.schemas import AppointmentOut
from app.desk.service import arrivals, counters
from app.desk.service.arrivals import NewTicket
from app.desk.service.counters import Seat
from app.identity.service.staff import add_staff
from app.kernel.actor import Role, Staff, System
from app.places.models import Room, Unit
from app.registry.models import Person
from tests.appointments import factories as places

SERVICE = "family-medicine"
NINE = datetime(2026, 10, 6, 15, tzinfo=UTC)
"""At the unit. Everything is booked on the day before."""


@dataclass(frozen=True, slots=True)
class Clinic:
    """A unit with windows 1 to `count`, and a receptionist at each."""

    unit: Unit
    staff: list[Staff]

    @property
    def desk(self) -> Staff:
        return self.staff[0]


async def clinic(session: AsyncSession, count: int = 1) -> Clinic:
    """A unit with `count` windows, all closed."""
    unit = await places.unit(session)
    session.add_all(Room(unit_id=unit.id, number=n, kind="window", name=f"Ventanilla {n}") for n in range(1, count + 1))
    await session.flush()
    staff = [await hire(session, unit, n) for n in range(1, count + 1)]
    return Clinic(unit, staff)


async def hire(session: AsyncSession, unit: Unit, number: int) -> Staff:
    """A receptionist of the unit."""
    hired = await add_staff(
        session,
        System("test"),
        username=f"{unit.clues}-{number}",
        full_name="Rosa Díaz",
        role=Role.RECEPTIONIST,
        password="una frase bastante larga",
        unit_ids=[unit.id],
    )
    return Staff(hired.staff_id, Role.RECEPTIONIST, frozenset({unit.id}))


async def open_all(session: AsyncSession, here: Clinic, services: Sequence[str] = (SERVICE,)) -> None:
    """Everybody sits down at the window of their number."""
    for number, actor in enumerate(here.staff, 1):
        await counters.open_counter(session, actor, Seat(here.unit.id, number), services)


async def walk_in(session: AsyncSession, here: Clinic, service: str = SERVICE) -> NewTicket:
    """Someone unknown takes a number."""
    return await arrivals.take_number(session, here.desk, here.unit.id, service)


def at_nine(minutes: float = 0) -> time_machine.travel:
    return time_machine.travel(NINE + timedelta(minutes=minutes), tick=True)


async def patient(
    session: AsyncSession, here: Clinic, *, minutes: int = 0, room: int = 1, birth_on: date = date(1990, 5, 17)
) -> tuple[Person, AppointmentOut]:
    """Someone with an appointment some minutes after nine."""
    start_at = NINE + timedelta(minutes=minutes)
    await places.seats(session, here.unit, room=room, start_at=start_at)
    who = await places.person(session, here.unit, room=room, birth_on=birth_on)
    return who, await places.booked(session, who, places.place(here.unit, start_at, room=room))


async def status_of(session: AsyncSession, made: AppointmentOut) -> str:
    found = select(Appointment.status).where(Appointment.folio == made.folio)
    return str((await session.execute(found)).scalar_one())
