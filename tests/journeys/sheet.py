"""The day sheet on devices of a clinic, for the tests of more than one file."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import time_machine
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from app.appointments.models import Seat
from app.desk.models import DeskTicket
from app.kernel import clock
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories
from tests.journeys.conftest import SECONDS, World
from tests.journeys.inspection import inspect
from tests.journeys.steps import hire

SHOTS = os.environ.get("SHEET_SHOTS")
PAGE = "/ventanilla/agenda"
NAMES = ("Ana", "Berta", "Celia", "Diana")


@dataclass
class Clinic:
    """A unit of its own with four appointments today, and who works there."""

    world: World
    unit: Unit
    folios: list[str]

    async def member(self, context: BrowserContext, *units: UUID) -> None:
        """Someone of the unit signs in at this browser."""
        staff_id = await hire(self.world, Role.RECEPTIONIST, *(units or (self.unit.id,)))
        await self.world.come_in(context, staff_id=staff_id)

    async def tickets(self) -> list[tuple[str, str | None]]:
        """Number and folio of each ticket."""
        async with self.world.transaction() as session:
            found = select(DeskTicket).where(DeskTicket.unit_id == self.unit.id).order_by(DeskTicket.number)
            return [(f"{one.letter}-{one.number:03d}", one.appointment_folio) for one in await session.scalars(found)]


async def make_clinic(world: World) -> Clinic:
    """A unit where it is noon, with an appointment each quarter of an hour."""
    today = clock.now()
    folios = []
    async with world.transaction() as session:
        unit = await factories.unit(session, name="UMF 31 Sur")
        unit.timezone = zone_at_noon()
        await session.flush()
        day = clock.today(unit.timezone)
        for number, name in enumerate(NAMES):
            who = await factories.person(session, unit)
            who.given_names = name
            start_at = (today + timedelta(minutes=15 * (number + 1))).replace(second=0, microsecond=0)
            with time_machine.travel(today - timedelta(days=1), tick=True):
                await factories.seats(session, unit, start_at=start_at)
                await session.execute(update(Seat).where(Seat.unit_id == unit.id).values(on_date=day))
                made = await factories.booked(session, who, factories.place(unit, start_at))
            folios.append(made.folio)
    return Clinic(world, unit, folios)


def zone_at_noon() -> str:
    """A zone where it is about noon: whatever the hour of the test, the day there isn't about to end."""
    hours = 12 - clock.now().hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@asynccontextmanager
async def device(chromium: Browser, world: World) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(
        base_url=world.portal.address, locale="es-MX", viewport={"width": 820, "height": 1100}
    )
    context.set_default_timeout(SECONDS * 1000)
    yield context
    await context.close()


async def prepared(context: BrowserContext) -> Page:
    """The sheet on a device that is prepared: it has numbers, and a copy."""
    page = await context.new_page()
    await page.goto(PAGE)
    await page.get_by_role("button", name="Preparar este dispositivo").click()
    await expect(page.locator("[data-part=status]")).to_contain_text("Números reservados que quedan: 20")
    await expect(page.locator("[data-part=copy]")).to_contain_text("Última copia")
    return page


async def press_row(page: Page, folio: str, action: str) -> None:
    await page.locator(f'tr[data-folio="{folio}"]').get_by_role("button", name=action).click()


async def waiting(page: Page, count: int) -> None:
    await expect(page.locator("[data-part=waiting] li")).to_have_count(count)


async def look(page: Page, name: str) -> None:
    for width in (360, 820, 1366):
        await page.set_viewport_size({"width": width, "height": 1000})
        await inspect(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 820, "height": 1100})
