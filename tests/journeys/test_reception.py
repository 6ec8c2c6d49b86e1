"""Reception in a browser: scanners, the keyboard alone, and what is printed on a roll of 80 mm and on A6."""

import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.async_api import Browser, BrowserContext, Page
from pyhanko.pdf_utils.reader import PdfFileReader

from app.appointments.schemas import AppointmentOut
from app.identity.service.staff import add_staff
from app.kernel import clock
from app.kernel.actor import Role, System
from app.kernel.ids import new_id
from app.places.models import Unit
from app.registry.models import Person
from tests.appointments import factories as places
from tests.journeys.conftest import CURP, SECONDS, World, press
from tests.journeys.inspection import SHOTS, look
from tests.journeys.steps import text_of

PAGE = "/ventanilla/recepcion"
FOCUSED = "document.activeElement.name || document.activeElement.innerText.trim()"
PAPERS = {"80mm": ("80mm", "150mm"), "a6": ("105mm", "148mm")}


@dataclass(frozen=True)
class Arrivals:
    """Who comes today: one with an appointment here, one with an appointment at another unit."""

    staff_id: UUID
    here: AppointmentOut
    away: AppointmentOut


async def _today(world: World, unit: Unit, room: int) -> AppointmentOut:
    """An appointment of today at noon, whatever the hour is now."""
    async with world.transaction() as session:
        noon = datetime.combine(clock.today(unit.timezone), time(12), ZoneInfo(unit.timezone))
        with time_machine.travel(clock.now() - timedelta(days=1), tick=True):
            await places.seats(session, unit, room=room, start_at=noon)
            who: Person = await places.person(session, unit, room=room)
            who.given_names = "Teresa" if room == 1 else "Rogelio"
            return await places.booked(session, who, places.place(unit, noon, room=room))


@pytest.fixture(scope="module")
async def arrivals(world: World) -> Arrivals:
    async with world.transaction() as session:
        there = await places.unit(session, name="UMF 5 Norte")
        there.latitude, there.longitude, there.address = 19.43, -99.13, "Av. Norte 5, Centro"
        here = await session.get_one(Unit, world.unit.id)
        here.latitude, here.longitude = 19.45, -99.13
        hired = await add_staff(
            session,
            System("test"),
            username=f"recepcion-{new_id()}",
            full_name="Rosa Díaz",
            role=Role.RECEPTIONIST,
            password="una frase bastante larga",
            unit_ids=[world.unit.id],
        )
    return Arrivals(hired.staff_id, await _today(world, world.unit, 1), await _today(world, there, 2))


@pytest.fixture
async def desk(chromium: Browser, world: World, arrivals: Arrivals) -> AsyncIterator[BrowserContext]:
    """A receptionist's screen."""
    context = await chromium.new_context(base_url=world.portal.address, viewport={"width": 1366, "height": 768})
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context, staff_id=arrivals.staff_id)
    yield context
    await context.close()


async def scan(page: Page, code: str, end: str = "Enter") -> None:
    """What a scanner types, as fast as one does."""
    async with page.expect_navigation():
        await page.keyboard.type(code)
        await page.keyboard.press(end)
    await page.wait_for_load_state()


async def printed(page: Page, name: str) -> str:
    """What comes out of the printer: one page, on a roll and on a sheet."""
    for paper, (width, height) in PAPERS.items():
        pdf = await page.pdf(width=width, height=height)
        if SHOTS:
            (Path(SHOTS) / f"{name}-{paper}.pdf").write_bytes(pdf)
        assert PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Count"] == 1, f"{name} on {paper}"
    await page.emulate_media(media="print")
    text = await page.locator("body").inner_text()
    await page.emulate_media(media="screen")
    return text


async def test_a_scanned_appointment_becomes_a_slip_by_the_keyboard_alone(
    desk: BrowserContext, world: World, arrivals: Arrivals
) -> None:
    page = await desk.new_page()
    await page.goto("/ventanilla")
    await press(page.get_by_role("button", name="Abrir la recepción"))
    assert await page.evaluate(FOCUSED) == "q"
    await look(page, "reception")
    await page.set_viewport_size({"width": 1366, "height": 768})
    await scan(page, f"{world.portal.address}/citas/{arrivals.here.folio}")
    assert await page.evaluate(FOCUSED) == "Registrar su llegada"
    await look(page, "reception-person")
    await page.set_viewport_size({"width": 1366, "height": 768})
    await scan(page, arrivals.here.folio, "Tab")
    assert "Ya llegó" not in await text_of(page), "a scan presses no button, though one has the focus"
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert f"{PAGE}/turno/" in page.url
    assert await page.evaluate(FOCUSED) == "q", "the next scan works"
    await look(page, "reception-slip")
    text = await printed(page, "reception-slip")
    for part in ("UMF 27 Centro", "Lugar en la fila"):
        assert part in text
    for other in ("Teresa", "Rosa", "Buscar", "Medicina", "Imprimir", "http"):
        assert other not in text
    await page.set_viewport_size({"width": 1366, "height": 768})
    await scan(page, arrivals.here.folio)
    assert "Ya llegó" in await text_of(page)
    await look(page, "reception-waiting")
    await page.go_back()
    # The letter depends on which queue of the unit was opened first.
    assert re.search("[A-Z]-001", await page.title())
    await page.go_back()
    assert "Ya llegó" in await text_of(page), "Back finds the person as they are now, not the form"


async def test_a_curp_gets_a_number_and_the_wrong_unit_a_printed_address(
    desk: BrowserContext, arrivals: Arrivals
) -> None:
    page = await desk.new_page()
    await page.goto(PAGE)
    await page.keyboard.type(CURP, delay=60)  # by hand
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "Luz González" in await text_of(page)
    await press(page.get_by_role("button", name="Dar turno"))
    assert (await page.title()).startswith("Error: ")
    await look(page, "reception-mistake")
    await page.select_option("#para", "window")
    await page.check("#protegida")
    await press(page.get_by_role("button", name="Dar turno"))
    assert "Pasa antes" in await text_of(page)
    await page.set_viewport_size({"width": 1366, "height": 768})
    await scan(page, arrivals.away.folio)
    assert "Su cita es en UMF 5 Norte, a 2.2 km. Av. Norte 5, Centro" in await text_of(page)
    await look(page, "reception-elsewhere")
    await press(page.get_by_role("button", name="Imprimir dónde es"))
    await look(page, "reception-directions")
    text = await printed(page, "reception-directions")
    assert "UMF 5 Norte" in text
    assert "Rogelio" not in text


async def test_without_scripts_on_a_telephone(phone: BrowserContext, world: World, arrivals: Arrivals) -> None:
    await world.come_in(phone, staff_id=arrivals.staff_id)
    page = await phone.new_page()
    await page.goto(PAGE)
    await page.fill("#q", "gonzalez")
    await press(page.get_by_role("button", name="Buscar"))
    await page.select_option("#para", "window")
    await press(page.get_by_role("button", name="Dar turno"))
    assert "Esa persona ya tiene un turno" in await text_of(page)
