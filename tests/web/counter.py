"""A counter of the tests of pages: a unit with windows, a receptionist at her page, people who take numbers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from app.desk.service import arrivals
from app.desk.service.arrivals import NewTicket
from app.kernel.actor import Role, Staff
from app.places.models import Room
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, forms_of, signed_in_browser

PAGE = "/ventanilla/mostrador"
DENTAL = "dental"


@dataclass
class Counter:
    """The scene's unit with three windows and a receptionist at her page."""

    app: FastAPI
    scene: Scene
    rosa: UUID
    tab: Browser

    @property
    def actor(self) -> Staff:
        return Staff(self.rosa, Role.RECEPTIONIST, frozenset({self.scene.unit.id}))

    async def arrive(self, service: str = DENTAL, **about: Any) -> NewTicket:
        """Someone takes a number."""
        async with self.scene.db.transaction() as session:
            return await arrivals.take_number(session, self.actor, self.scene.unit.id, service, **about)

    async def open(self, tab: Browser | None = None, counter: int = 1) -> httpx.Response:
        """Sit down."""
        tab = tab or self.tab
        await tab.get(PAGE)
        sent = await tab.send(f"{PAGE}/abrir", counter=str(counter), service=[DENTAL])
        return await self.follow(sent, tab)

    async def call(self, tab: Browser | None = None) -> httpx.Response:
        tab = tab or self.tab
        return await self.follow(await tab.send(f"{PAGE}/siguiente"), tab)

    async def press(self, ticket: NewTicket, button: str, tab: Browser | None = None, **fields: Any) -> httpx.Response:
        """A button of a ticket; one that isn't offered, with the fields of another of the same ticket."""
        tab = tab or self.tab
        path = f"{PAGE}/turnos/{ticket.id}/{button}"
        offered = [one for form in forms_of(tab.html) for one in form.actions if str(ticket.id) in one]
        via = path if path in offered or not offered else offered[0]
        return await self.follow(await tab.send(path, via=via, **fields), tab)

    async def follow(self, answer: httpx.Response, tab: Browser) -> httpx.Response:
        return await tab.get(answer.headers["location"]) if answer.status_code == 303 else answer

    async def colleague(self, role: Role = Role.RECEPTIONIST) -> Browser:
        hired = await steps.hire(self.scene, role)
        return await signed_in_browser(self.app, self.scene.db, staff_id=hired.staff_id)

    async def status(self, ticket: NewTicket) -> str:
        async with self.scene.db.transaction() as session:
            return str(await session.scalar(text("SELECT status FROM desk_ticket WHERE id = :id"), {"id": ticket.id}))


async def counter_of(app: FastAPI, scene: Scene) -> Counter:
    """The scene's unit with three windows and a specialist's room; everything is closed."""
    async with scene.db.transaction() as session:
        session.add_all(Room(unit_id=scene.unit.id, number=n, kind="window", name=f"Ventanilla {n}") for n in (1, 2, 3))
        session.add(Room(unit_id=scene.unit.id, number=4, kind="specialist", name="Consultorio 4"))
    rosa = (await steps.hire(scene, Role.RECEPTIONIST)).staff_id
    return Counter(app, scene, rosa, await signed_in_browser(app, scene.db, staff_id=rosa))


def focused(tab: Browser) -> str:
    """What has the focus when the page opens."""
    assert tab.html.count(" autofocus") == 1
    after = tab.html.partition(" autofocus")[2]
    return after.partition(">")[2].partition("<")[0].strip()
