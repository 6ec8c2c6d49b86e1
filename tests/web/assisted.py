"""A clerk who acts for a person: their browser, on the person's pages below the assistance."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text

from app.identity.models import Assistance
from app.kernel.actor import Role
from app.kernel.events import EventRow
from app.registry.models import Person
from tests.conftest import Database
from tests.identity.browser_sessions import Clinic
from tests.requests.actors import hire
from tests.web.browser import Browser, signed_in_browser

CURP = "NUPA900517MDFXXN07"
EMPLOYER = "Hilados y Tejidos del Valle S.A. de C.V."
RIGHT = {"nss-end": "", "postal-code": "68000", "room": "1", "employer": "tejidos"}


@dataclass
class Helping:
    """A receptionist of the clinic, whom Ana rang or who stands before them."""

    db: Database
    clinic: Clinic
    tab: Browser
    staff_id: UUID
    is_person: bool = False
    """The browser is Ana's own: the same pages without the assistance."""

    @property
    def ana(self) -> Person:
        return self.clinic.ana

    @property
    def home(self) -> str:
        return "" if self.is_person else f"/ventanilla/asistida/{self.ana.id}"

    def right(self) -> dict[str, Any]:
        """What Ana answers, whatever is asked."""
        born = self.ana.birth_on
        birth = {"birth-day": born.day, "birth-month": born.month, "birth-year": born.year}
        return birth | RIGHT | {"nss-end": (self.ana.nss or "")[-4:]}

    async def start(self, channel: str = "phone") -> httpx.Response:
        await self.tab.get(self.home)
        return await self.tab.send(f"{self.home}/inicio", channel=channel)

    async def by_questions(self) -> None:
        """On the telephone, known by the answers."""
        await self.start()
        await self.tab.get(self.home)
        answer = await self.tab.send(f"{self.home}/preguntas", **self.right())
        assert answer.headers.get("location") == self.home, self.tab.text

    async def by_document(self) -> None:
        """At the counter, with a document."""
        await self.start("desk")
        await self.tab.get(self.home)
        answer = await self.tab.send(f"{self.home}/documento", document="voter-card")
        assert answer.headers.get("location") == self.home, self.tab.text

    async def send(self, page: str, *, expect: int = 303, **fields: Any) -> httpx.Response:
        """The form of a page below the assistance, opened first."""
        await self.tab.get(self.home + page)
        answer = await self.tab.send(self.home + page, **fields)
        assert answer.status_code == expect, self.tab.text
        return answer

    async def to_review(self, number: int = 0) -> None:
        assert (await self.tab.get(f"{self.home}/citas/quien")).headers["location"] == f"{self.home}/citas/motivo"
        await self.send("/citas/motivo", service="family-medicine")
        await self.send("/citas/clinica", unit=self.clinic.unit.id)
        await self.choose(number)

    async def choose(self, number: int) -> None:
        """A day and a time, and on to the review."""
        day = (self.clinic.times[0] - timedelta(hours=6)).date().isoformat()
        await self.send("/citas/dia", day=day)
        await self.send("/citas/hora", time=self.clinic.time(number))

    async def book(self, number: int = 0) -> str:
        """All the way; the folio."""
        await self.to_review(number)
        await self.send("/citas/revisar")
        await self.tab.get(f"{self.home}/citas/listo")
        async with self.db.transaction() as session:
            return str(await session.scalar(text("SELECT folio FROM appointment ORDER BY id DESC LIMIT 1")))

    async def row(self) -> Assistance:
        async with self.db.transaction() as session:
            found = await session.scalar(select(Assistance).order_by(Assistance.id.desc()).limit(1))
            assert found is not None
            return found

    async def events(self, *types: str) -> list[EventRow]:
        async with self.db.transaction() as session:
            asked = select(EventRow).where(EventRow.type.in_(types)).order_by(EventRow.id)
            return list(await session.scalars(asked))

    async def idle(self, minutes: int = 30) -> None:
        """So much time passes without a step."""
        async with self.db.transaction() as session:
            await session.execute(
                text("UPDATE assistance SET seen_at = seen_at - make_interval(mins => :minutes)"), {"minutes": minutes}
            )


async def helping(app: FastAPI, db: Database, client: httpx.AsyncClient, role: Role = Role.RECEPTIONIST) -> Helping:
    """A clinic with free times, Ana, of whom the registry knows all that is asked, and a clerk at a browser."""
    clinic = await Clinic.open(db)
    async with db.transaction() as session:
        known = {"code": "68000", "mail": "ana@ejemplo.mx", "curp": CURP, "id": clinic.ana.id}
        changed = text("UPDATE person SET postal_code = :code, email = :mail, curp = :curp WHERE id = :id")
        await session.execute(changed, known)
        renamed = text("UPDATE affiliation SET employer = :employer WHERE person_id = :id")
        await session.execute(renamed, {"employer": EMPLOYER, "id": clinic.ana.id})
    clerk = await hire(db, client, role, clinic.unit)
    tab = await signed_in_browser(app, db, staff_id=clerk.staff_id)
    tab.client.headers["accept"] = "text/html"
    return Helping(db, clinic, tab, clerk.staff_id)
