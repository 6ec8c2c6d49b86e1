"""A browser's visit as the server sees it: pages read, forms sent, and a clock that the test moves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import time_machine
from sqlalchemy import select, text

from app.appointments.events import AppointmentBooked, SeatHeld
from app.appointments.models import Seat
from app.identity.models import WebSession
from app.identity.service.sessions import start_session
from app.kernel import clock
from app.kernel.actor import Assurance
from app.kernel.events import EventRow
from app.places.models import Unit
from app.registry.models import Person
from app.web.answer_pages import OWN_PREFIX
from tests.appointments import factories
from tests.conftest import Database
from tests.web.browser import forms_of

PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/143.0.0.0 Mobile Safari/537.36"
SERVICE = "family-medicine"


class Visit:
    """A phone at the portal. Each `send` and `read` says how many seconds the person took before it."""

    def __init__(self, db: Database, client: httpx.AsyncClient, travel: time_machine.Traveller) -> None:
        self.db, self.client, self.travel = db, client, travel
        self.client.headers["user-agent"] = PHONE

    async def come_in(self, who: Person | None = None, staff_id: UUID | None = None) -> None:
        """A session begins now, as after the code."""
        async with self.db.transaction() as session:
            _row, token = await start_session(
                session, person_id=who.id if who else None, staff_id=staff_id, assurance=Assurance.FULL
            )
        self.client.cookies.set("ventanilla", token)

    def wait(self, seconds: float) -> None:
        self.travel.move_to(clock.now() + timedelta(seconds=seconds))

    async def read(self, page: str, *, after: float = 0) -> httpx.Response:
        self.wait(after)
        return await self.client.get(page)

    async def send(self, page: str, *, after: float = 0, expect: int = 303, **fields: Any) -> httpx.Response:
        self.wait(after)
        answer = await self.client.post(page, data=await self.form(page) | fields)
        if OWN_PREFIX in answer.headers.get("location", ""):  # a browser goes on to the page that answers it
            answer = await self.client.get(answer.headers["location"])
        assert answer.status_code == expect, answer.text
        return answer

    async def form(self, page: str) -> dict[str, Any]:
        """The hidden fields of the form that is sent to this address: on its own page, on the one above, or on that of
        what was just booked."""
        for shown in (page, page.rpartition("/")[0], "/citas/listo"):
            html = (await self.client.get(shown)).text if shown else ""
            for form in forms_of(html, shown):
                if page in form.actions:
                    return dict(form.hidden)
        row = await self.row()
        return {"csrf": row.csrf if row else ""}

    async def row(self) -> WebSession | None:
        """The newest session there is."""
        async with self.db.transaction() as session:
            found: WebSession | None = await session.scalar(select(WebSession).order_by(WebSession.id.desc()).limit(1))
        return found

    async def seconds(self) -> float:
        """What the visit has spent on nothing recorded yet."""
        row = await self.row()
        assert row is not None
        return row.active_seconds

    async def facts(self, *types: str) -> list[EventRow]:
        """The facts of these types so far, oldest first."""
        async with self.db.transaction() as session:
            asked = select(EventRow).where(EventRow.type.in_(types)).order_by(EventRow.id)
            return list((await session.scalars(asked)).all())

    async def fact(self, kind: str) -> EventRow:
        (one,) = await self.facts(kind)
        return one

    async def run(self, statement: str, **values: Any) -> None:
        async with self.db.transaction() as session:
            await session.execute(text(statement), values)


class Clinic:
    """A unit with three free times tomorrow, and someone who may have them."""

    def __init__(self, unit: Unit, ana: Person, times: list[Any]) -> None:
        self.unit, self.ana, self.times = unit, ana, times

    @classmethod
    async def open(cls, db: Database) -> "Clinic":
        async with db.transaction() as session:
            unit = await factories.unit(session)
            ana = await factories.person(session, unit)
            await factories.schedule(session, unit, valid_from=clock.today(unit.timezone) + timedelta(days=1))
            free = select(Seat.start_at).where(Seat.unit_id == unit.id).order_by(Seat.start_at).limit(3)
            return cls(unit, ana, list((await session.scalars(free)).all()))

    def time(self, number: int) -> str:
        return f"{self.times[number].isoformat()}|1"

    async def to_the_times(self, visit: Visit) -> None:
        """A page read and three forms sent: 5, 40, 20 and 10 seconds."""
        await visit.read("/citas/quien", after=5)
        await visit.send("/citas/motivo", after=40, service=SERVICE)
        await visit.send("/citas/clinica", after=20, unit=self.unit.id)
        await visit.send("/citas/dia", after=10, day=(self.times[0] - timedelta(hours=6)).date().isoformat())

    async def book(self, visit: Visit, *, number: int = 0) -> str:
        """All the way, in 120 seconds; returns the folio."""
        await self.to_the_times(visit)
        await visit.send("/citas/hora", after=30, time=self.time(number))
        await visit.send("/citas/revisar", after=15)
        booked = (await visit.facts(AppointmentBooked.type))[-1]
        return str(booked.payload["folio"])


HELD, BOOKED = SeatHeld.type, AppointmentBooked.type
