"""The day sheet without a connection: a copy, entries that wait on the device, and their merge."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select, text, update

from app.appointments.models import Seat
from app.desk.models import DeskTicket
from app.kernel import clock
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import inspect
from tests.journeys.steps import hire, text_of

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


@pytest.fixture
async def here(world: World) -> Clinic:
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


LOST: list[str] = []
"""What became of the entries whose answer was lost."""


async def lose_the_answer(route: Route) -> None:
    """The server has everything, and the device doesn't learn of it; the first time."""
    if LOST:
        await route.continue_()
        return
    answer = await route.fetch()
    LOST.append(await answer.text())
    await route.abort()


async def look(page: Page, name: str) -> None:
    for width in (360, 820, 1366):
        await page.set_viewport_size({"width": width, "height": 1000})
        await inspect(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    await page.set_viewport_size({"width": 820, "height": 1100})


async def test_work_goes_on_without_a_connection_and_is_merged(chromium: Browser, here: Clinic) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await look(page, "sheet-online")
        if SHOTS:
            await page.pdf(path=f"{SHOTS}/sheet.pdf", format="Letter")
        await context.set_offline(True)
        await page.reload()
        assert "Celia" in await text_of(page), "the copy"
        await press_row(page, here.folios[0], "Llegó")
        await press_row(page, here.folios[1], "Llegó")
        await page.get_by_role("button", name="Dar un número").click()
        await expect(page.locator("[data-part=given]")).to_have_text("Turno A-003")
        await page.get_by_role("button", name="Dar un número").click()
        await waiting(page, 4)
        await expect(page.locator("[data-part=status]")).to_contain_text("Sin conexión")
        await look(page, "sheet-offline")
        await page.close()
        page = await context.new_page()
        await page.goto(PAGE)
        await waiting(page, 4)
        assert await here.tickets() == []
        await page.route("**/pendientes", lose_the_answer)
        await context.set_offline(False)
        await waiting(page, 0)
        await expect(page.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        assert LOST, "it was sent twice"
        expected = [("A-001", here.folios[0]), ("A-002", here.folios[1]), ("A-003", None), ("A-004", None)]
        assert await here.tickets() == expected
        await expect(page.locator(f'tr[data-folio="{here.folios[0]}"] [data-part=state]')).to_contain_text("A-001")


async def test_two_devices_with_overlapping_work(chromium: Browser, here: Clinic) -> None:
    async with device(chromium, here.world) as one, device(chromium, here.world) as two:
        pages = []
        for context in (one, two):
            await here.member(context)
            pages.append(await prepared(context))
            await context.set_offline(True)
        first, second = pages
        for page, folios in ((first, here.folios[:2]), (second, here.folios[1:3])):
            for folio in folios:
                await press_row(page, folio, "Llegó")
            await waiting(page, 2)
        await press_row(second, here.folios[0], "No vino")
        await press_row(second, here.folios[3], "Atendida")
        await waiting(second, 4)
        # The later one is sent first.
        for context, page in ((two, second), (one, first)):
            await context.set_offline(False)
            await waiting(page, 0)
        expected = [("A-001", here.folios[0]), ("A-002", here.folios[1]), ("A-022", here.folios[2])]
        assert await here.tickets() == expected
        await second.get_by_role("button", name="Enviar ahora").click()
        await expect(second.get_by_role("heading", name="Dos números de la misma persona")).to_be_visible()
        text = await text_of(second)
        assert "A-021 se juntó con A-002" in text
        # It was recorded before their time to come had passed, and they were there.
        assert "Esa persona sí vino" in text
        await look(second, "sheet-conflict")
        await press(second.get_by_role("button", name="Ya se resolvió"))
        assert "Esa persona sí vino" not in await text_of(second)


async def test_what_waits_outlives_the_session_and_is_sent_for_its_unit_only(chromium: Browser, here: Clinic) -> None:
    async with here.world.transaction() as session:
        elsewhere = await factories.unit(session, name="UMF 9 Norte")
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await press_row(page, here.folios[2], "Llegó")
        await waiting(page, 1)
        await context.clear_cookies(name="ventanilla")
        await context.set_offline(False)
        await expect(page.locator("[data-part=status]")).to_contain_text("Su sesión terminó")
        await waiting(page, 1)
        await here.member(context, elsewhere.id)
        other = await context.new_page()
        await other.goto(PAGE)
        await expect(other.locator("[data-part=others]")).to_contain_text("De otra unidad")
        await press(other.get_by_role("button", name="Salir", exact=True))
        assert await here.tickets() == []
        await here.member(context)
        await other.goto(PAGE)
        await expect(other.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        await waiting(other, 0)
        assert await here.tickets() == [("A-001", here.folios[2])]


async def test_the_copy_is_deleted_at_sign_out_and_for_another_person_and_after_the_day(
    chromium: Browser, here: Clinic
) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await press_row(page, here.folios[0], "Llegó")
        await waiting(page, 1)
        assert "Celia" not in await stored(page), "it is encrypted"
        await context.set_offline(False)
        await waiting(page, 0)
        await press(page.get_by_role("button", name="Salir", exact=True))
        await context.set_offline(True)
        await page.goto(PAGE)
        assert "no tiene copia" in await page.inner_text("body")
        await context.set_offline(False)
        await here.member(context)
        await page.goto(PAGE)
        await expect(page.locator("[data-part=copy]")).to_contain_text("Última copia")
        # Someone begins to sign in at the same device.
        await context.clear_cookies(name="ventanilla")
        await page.goto("/ventanilla/entrar")
        await page.get_by_label("Usuario").fill("otra")
        await press(page.locator("main form button").first)
        await context.set_offline(True)
        await page.goto(PAGE)
        assert "no tiene copia" in await page.inner_text("body")
        await context.set_offline(False)
        await here.member(context)
        await page.goto(PAGE)
        await expect(page.locator("[data-part=copy]")).to_contain_text("Última copia")
        await page.wait_for_load_state("networkidle")
        await page.goto("/ventanilla")
        await page.evaluate(EXPIRE)
        await context.set_offline(True)
        await page.goto(PAGE)
        assert "no tiene copia" in await page.inner_text("body")


async def test_who_signs_out_without_a_connection_is_signed_out_when_it_is_back(
    chromium: Browser, here: Clinic
) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await press(page.get_by_role("button", name="Salir", exact=True))
        assert "todavía no se pudo cerrar" in await page.inner_text("h1")
        await page.goto(PAGE)
        assert "todavía no se pudo cerrar" in await page.inner_text("h1"), "nor is a copy left"
        await context.set_offline(False)
        await page.goto(PAGE)
        assert "/entrar" in page.url
        await here.member(context)
        await page.goto(PAGE)
        await expect(page.locator("[data-part=status]")).to_contain_text("En línea")


async def test_what_was_not_sent_is_said_after_signing_out_and_in(chromium: Browser, here: Clinic) -> None:
    async with here.world.transaction() as session:
        elsewhere = await factories.unit(session, name="UMF 12 Oriente")
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await page.goto("/ventanilla")
        await expect(page.locator("[data-unsent]")).to_be_hidden()
        await page.goto(PAGE)
        await page.route("**/pendientes", refuse)
        await press_row(page, here.folios[3], "Llegó")
        await waiting(page, 1)
        await press(page.get_by_role("button", name="Salir", exact=True))
        notice = page.locator("[data-unsent]")
        await expect(notice).to_contain_text("Hay anotaciones por enviar en este dispositivo: 1. No se pierden")
        await look(page, "unsent-signed-out")
        await here.member(context, elsewhere.id)
        await page.goto("/ventanilla")
        await expect(notice).to_contain_text("De otra unidad, por enviar cuando entre alguien de ella: 1")
        assert await notice.get_by_role("link").count() == 0
        await here.member(context, here.unit.id, elsewhere.id)
        await page.goto("/ventanilla")
        await expect(notice).to_contain_text("Hay anotaciones por enviar en este dispositivo: 1")
        await look(page, "unsent-signed-in")
        await page.unroute("**/pendientes")
        await notice.get_by_role("link", name="Abra la hoja del día").click()
        await waiting(page, 0)
        await expect(page.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        assert await here.tickets() == [("A-001", here.folios[3])]
        await page.goto("/ventanilla")
        await expect(page.locator("[data-unsent]")).to_be_hidden()


async def refuse(route: Route) -> None:
    """The server takes no entries."""
    await route.fulfill(status=503, body="")


async def test_what_a_device_without_a_connection_refuses(chromium: Browser, here: Clinic) -> None:
    """A second number by a double click, to be given up with work to send, and to pass for another sheet."""
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await page.get_by_role("button", name="Dar un número").dblclick()
        await waiting(page, 1)
        assert await page.locator("[data-part=kept]").inner_text() == ""
        await page.get_by_role("button", name="No usar este dispositivo").click()
        await expect(page.locator("[data-part=kept]")).to_contain_text("por enviar")
        await page.goto(f"{PAGE}?dia=2026-01-05&consultorio=2")
        await expect(page.locator("[data-part=other-sheet]")).to_contain_text("no es la hoja que pidió")
        await page.goto(PAGE)
        await waiting(page, 1)
        assert await page.locator("[data-part=other-sheet]").inner_text() == ""
        await context.set_offline(False)
        await waiting(page, 0)
        assert await page.locator("[data-part=kept]").inner_text() == ""
        assert len(await here.tickets()) == 1


async def test_a_refused_check_in_takes_its_number_off_the_page(chromium: Browser, here: Clinic) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        async with here.world.transaction() as session:
            closed = text("UPDATE appointment SET affected = 'leave' WHERE folio = :folio")
            await session.execute(closed, {"folio": here.folios[3]})
        await press_row(page, here.folios[3], "Llegó")
        await expect(page.locator("[data-part=given]")).to_contain_text("No se pudo registrar")
        await waiting(page, 0)
        assert await here.tickets() == []


STORED = """() => new Promise((done) => {
    const asked = indexedDB.open("agenda", 1);
    asked.onsuccess = () => {
        const change = asked.result.transaction(["single", "entries", "ranges"]);
        const all = ["single", "entries", "ranges"].map((name) => change.objectStore(name).getAll());
        change.oncomplete = () => done(all.map((one) => one.result.map((row) => JSON.stringify(row, (_key, value) =>
            value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value) : value)).join()).join());
    };
})"""
"""Everything that the device has stored, as text."""
EXPIRE = """() => new Promise((done) => {
    const asked = indexedDB.open("agenda", 1);
    asked.onsuccess = () => {
        const change = asked.result.transaction("single", "readwrite");
        const found = change.objectStore("single").get("copy");
        found.onsuccess = () => change.objectStore("single").put({...found.result, until: Date.now() - 5000}, "copy");
        change.oncomplete = done;
    };
})"""
"""The day of the copy ends."""


async def stored(page: Page) -> str:
    found: str = await page.evaluate(STORED)
    assert '"iv"' in found
    assert "check-in" in found
    return found
