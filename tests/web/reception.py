"""A unit with people who come today, a receptionist's browser, and what reception shows them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from fastapi import FastAPI
from sqlalchemy import text, update

from app.appointments.models import Appointment
from app.appointments.schemas import AppointmentOut
from app.appointments.service import closures, reschedule
from app.identity.service.staff import add_staff
from app.kernel.actor import Role, System
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories as places
from tests.conftest import Database
from tests.desk.factories import Clinic, clinic
from tests.web.browser import Browser, signed_in_browser

NINE = datetime(2026, 10, 6, 15, tzinfo=UTC)
PAGE = "/ventanilla/recepcion"
ARRIVAL, NUMBER = f"{PAGE}/llegadas", f"{PAGE}/turnos"
CURP = "GOAL661013MTCNGZ06"
TICKETS = "SELECT count(*) FROM desk_ticket"


async def staff_browser(app: FastAPI, db: Database, role: Role, *units: Unit) -> Browser:
    """Someone of the staff, of these units or of all, signed in."""
    async with db.transaction() as session:
        hired = await add_staff(
            session,
            System("test"),
            username=f"{role.value}-of-{len(units)}",
            full_name="Otra Persona",
            role=role,
            password="una frase bastante larga",
            unit_ids=[unit.id for unit in units] or None,
        )
    return await signed_in_browser(app, db, staff_id=hired.staff_id)


@dataclass
class Desk:
    """A clinic at nine in the morning, another two kilometres away, and a receptionist's browser."""

    db: Database
    here: Clinic
    there: Clinic
    page: Browser
    made: dict[str, tuple[Person, AppointmentOut]] = field(default_factory=dict)

    async def came(self, typed: str) -> None:
        """Type or scan into the box, and go where it leads."""
        await self.page.get(PAGE)
        await self.follow(await self.page.send(PAGE, q=typed))

    async def follow(self, answer: Any) -> None:
        if answer.status_code == 303:
            await self.page.get(answer.headers["location"])

    async def register(self, **fields: Any) -> Any:
        """Press the first button that checks in."""
        return await self.page.send(ARRIVAL, **fields)

    async def views(self, who: Person) -> set[str]:
        """In which contexts the person's data was shown, as the access log has it."""
        async with self.db.transaction() as session:
            found = await session.scalars(
                text("SELECT unnest(contexts) FROM personal_data_view WHERE person_id = :id"), {"id": who.id}
            )
            return set(found)


APPOINTMENTS = {"ana": 0, "late": -25, "gone": 60, "shut": 75, "missed": -60}


@asynccontextmanager
async def opened(app: FastAPI, db: Database) -> AsyncIterator[Desk]:
    """Appointments of the day by the name of what became of them, and one at the other clinic."""
    with time_machine.travel(NINE - timedelta(days=1), tick=True):
        async with db.transaction() as session:
            here, there = await clinic(session), await clinic(session)
            here.unit.name, there.unit.name = "UMF 27 Centro", "UMF 5 Norte"
            here.unit.latitude, here.unit.longitude = 19.45, -99.13
            there.unit.latitude, there.unit.longitude, there.unit.address = 19.43, -99.13, "Av. Norte 5"
            made = {}
            for name, minutes in APPOINTMENTS.items():
                start_at = NINE + timedelta(minutes=minutes)
                await places.seats(session, here.unit, start_at=start_at)
                who = await places.person(session, here.unit)
                who.given_names = name.capitalize()
                made[name] = (who, await places.booked(session, who, places.place(here.unit, start_at)))
            for name, at, day in (("away", there, 0), ("tomorrow", here, 1)):
                start_at = NINE + timedelta(days=day, minutes=90)
                await places.seats(session, at.unit, start_at=start_at)
                who = await places.person(session, at.unit)
                who.given_names, who.email = name.capitalize(), f"{name}@ejemplo.mx"
                made[name] = (who, await places.booked(session, who, places.place(at.unit, start_at)))
            await reschedule.cancel(session, here.desk, made["gone"][1].folio, "other", places.once())
            shut = NINE + timedelta(minutes=APPOINTMENTS["shut"])
            boss = places.staff(Role.SUPERVISOR, here.unit)
            await closures.close(
                session,
                boss,
                unit_id=here.unit.id,
                room=1,
                shift=None,
                starts_at=shut,
                ends_at=shut + timedelta(minutes=15),
                reason="leave",
            )
            made["ana"][0].curp, made["ana"][0].given_names = CURP, "Ana"
            missed = Appointment.folio == made["missed"][1].folio
            await session.execute(update(Appointment).where(missed).values(status="missed"))
    with time_machine.travel(NINE, tick=True):
        browser = await signed_in_browser(app, db, staff_id=here.desk.staff_id)
        yield Desk(db, here, there, browser, made)
