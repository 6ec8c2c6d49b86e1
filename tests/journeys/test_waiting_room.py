"""The machines of a waiting room in a browser: boards with and without scripts, cut off and back, and the kiosk."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request
from sqlalchemy import text

from app.desk.service import calls
from app.desk.service.tickets import TicketRef
from app.identity.service import unit_devices
from app.kernel import clock, ids
from app.kernel.actor import DeviceKind
from tests.appointments import factories as places
from tests.desk.device_factories import supervisor
from tests.desk.factories import Clinic, clinic, open_all, walk_in
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import inspect
from tests.journeys.slow_line import line_in_pieces
from tests.portal import Portal, running

COLD_BYTES = 35_000
SHOTS = os.environ.get("DESK_SHOTS")
HOME = "/ventanilla/quiosco"


@pytest.fixture
async def here(world: World) -> Clinic:
    """A clinic of its own, where six wait at two windows."""
    async with world.transaction() as session:
        made = await clinic(session, 2)
        await open_all(session, made, ("family-medicine", "window"))
        for _ in range(6):
            await walk_in(session, made)
    return made


@pytest.fixture
async def wall(chromium: Browser, world: World) -> AsyncIterator[BrowserContext]:
    """A television on a wall."""
    context = await chromium.new_context(
        base_url=world.portal.address, viewport={"width": 1920, "height": 1080}, locale="es-MX"
    )
    context.set_default_timeout(SECONDS * 1000)
    yield context
    await context.close()


async def look(page: Page, name: str, *sizes: tuple[int, int]) -> None:
    """axe and overflow at each size; a picture when asked for."""
    for width, height in sizes or ((360, 740), (1366, 768), (1920, 1080)):
        await page.set_viewport_size({"width": width, "height": height})
        await inspect(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=width < 800)


async def call(world: World, here: Clinic, *counters: int) -> list[str]:
    """Each counter ends its ticket, if it has one, and all of them call at once."""
    numbers = []
    async with world.transaction() as session:
        for counter in counters:
            actor = here.staff[counter - 1]
            held = await session.execute(
                text("SELECT id FROM desk_ticket WHERE unit_id = :unit AND counter = :counter"),
                {"unit": here.unit.id, "counter": counter},
            )
            for (ticket_id,) in held.all():
                await calls.serve(session, actor, TicketRef(here.unit.id, ticket_id))
                await calls.finish(session, actor, TicketRef(here.unit.id, ticket_id))
            numbers.append((await calls.call_next(session, actor.staff_id, ids.new_secret(8))).number)
    return numbers


async def test_two_calls_at_once_are_shown_and_spoken_in_turn(world: World, here: Clinic, wall: BrowserContext) -> None:
    page = await wall.new_page()
    await page.goto(f"/pantalla/{here.unit.clues}")
    await look(page, "board-empty")
    await page.evaluate(
        """() => { window.told = []; window.most = 0;
        const count = () => { window.most = Math.max(most, document.querySelectorAll(".v-call--now").length); };
        new MutationObserver(count).observe(document.body, { subtree: true, attributes: true });
        document.querySelector("[data-events]").addEventListener("said", (event) => told.push(event.detail)); }"""
    )
    numbers = await call(world, here, 1, 2)
    for number in numbers:
        await page.get_by_text(number).wait_for()
    async with asyncio.timeout(SECONDS):
        while await page.evaluate("told.length") < 2:
            await asyncio.sleep(0.1)
    assert [re.sub(r"\D+", " ", one).split() for one in await page.evaluate("told")] == [["1", "1"], ["2", "2"]]
    assert await page.evaluate("most") == 1, "one after another"
    shown = await page.locator("main").inner_text()
    assert "Rosa" not in shown
    assert "edicina" not in shown
    await look(page, "board")
    for _ in range(2):
        await call(world, here, 1, 2)
    await page.get_by_text("A-006").wait_for()
    await look(page, "board-busy")
    await page.goto(f"/en/pantalla/{here.unit.clues}")
    await look(page, "board-english", (1920, 1080))


@pytest.fixture
def other(world: World, tmp_path: Path) -> Iterator[Portal]:
    """A web server of its own on the same database, to be killed."""
    with running(world.url, tmp_path / "log", jobs=False) as portal:
        yield portal


@pytest.mark.faults
async def test_a_board_that_is_cut_off_says_so(world: World, here: Clinic, wall: BrowserContext, other: Portal) -> None:
    page = await wall.new_page()
    async with line_in_pieces(other.port) as port:
        await page.goto(f"http://127.0.0.1:{port}/pantalla/{here.unit.clues}")
        (first,) = await call(world, here, 1)
        await page.get_by_text(first).wait_for()
        other.kill_web()
        await page.get_by_text("Sin conexión desde las").wait_for()
        assert not await page.get_by_text(first).is_visible(), "no number is shown that may be stale"
        await look(page, "board-cut-off")
        (missed,) = await call(world, here, 2)
        await asyncio.to_thread(other.start_web)
        await page.get_by_text("Volvió la conexión").wait_for(timeout=90_000)
        assert missed in await page.locator("[data-missed-text]").inner_text()
        assert await page.locator("[data-calls]").get_by_text(missed).is_visible()
        assert not await page.get_by_text("Sin conexión desde las").is_visible()
        await look(page, "board-back", (1920, 1080))


async def test_a_board_without_scripts_loads_itself_again(world: World, here: Clinic, phone: BrowserContext) -> None:
    page = await phone.new_page()
    await page.goto(f"/pantalla/{here.unit.clues}")
    assert "Todavía no se llama a nadie hoy" in await page.locator("main").inner_text()
    (number,) = await call(world, here, 1)
    await page.get_by_text(number).wait_for()


async def test_a_board_is_light(world: World, here: Clinic, wall: BrowserContext) -> None:
    """As light as the first page: a clinic's line may be a mobile one."""
    page = await wall.new_page()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 # it must be a function of Python
    await page.goto(f"/pantalla/{here.unit.clues}")
    await page.get_by_text("Actualizado a las").wait_for()
    sizes = [await request.sizes() for request in asked]
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert total <= COLD_BYTES, f"{total} bytes"
    assert all(request.url.startswith(world.portal.address) for request in asked)


async def test_the_choice_of_a_board(world: World, here: Clinic, wall: BrowserContext) -> None:
    page = await wall.new_page()
    await page.goto("/pantalla")
    await look(page, "board-choice")
    await press(page.get_by_role("link", name=here.unit.name).first)
    assert here.unit.name in await page.locator("h1").inner_text()


async def code_for(world: World, here: Clinic) -> str:
    async with world.transaction() as session:
        boss = await supervisor(session, here)
        made = await unit_devices.add_device(session, boss, here.unit.id, DeviceKind.KIOSK, "Entrada")
    return made.code


async def folio_for_today(world: World, here: Clinic) -> str:
    """The folio of an appointment of today, which was booked for a later day."""
    today = clock.today(here.unit.timezone)
    start_at = datetime(today.year, today.month, today.day, 18, tzinfo=UTC) + timedelta(days=2)
    async with world.transaction() as session:
        await places.seats(session, here.unit, room=1, start_at=start_at)
        who = await places.person(session, here.unit, room=1)
        made = await places.booked(session, who, places.place(here.unit, start_at, room=1))
        await session.execute(
            text(
                "UPDATE appointment SET start_at = start_at - interval '2 days', on_date = on_date - 2"
                " WHERE folio = :folio"
            ),
            {"folio": made.folio},
        )
    return made.folio


async def test_the_kiosk_by_keyboard_and_scanner(world: World, here: Clinic, wall: BrowserContext) -> None:
    code, folio = await code_for(world, here), await folio_for_today(world, here)
    page = await wall.new_page()
    await page.goto(HOME)
    assert "/vincular" in page.url
    await look(page, "kiosk-pairing", (360, 740), (768, 1024), (1080, 1920))
    await page.locator("#code:focus").wait_for()
    await page.keyboard.type(code)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await look(page, "kiosk", (360, 740), (768, 1024), (1080, 1920))
    await page.reload()
    await page.locator("#typed:focus").wait_for()
    await page.keyboard.type(folio.lower())  # a scanner types and presses Enter; nothing was touched before
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert re.search(r"A-\d{3}", await page.locator("main").inner_text())
    assert folio not in await page.content()
    await look(page, "kiosk-ticket", (360, 740), (768, 1024), (1080, 1920))
    if SHOTS:
        await page.pdf(path=f"{SHOTS}/kiosk-slip.pdf", prefer_css_page_size=True)
    await page.evaluate("document.querySelector('[data-home]').dataset.seconds = 1")
    async with page.expect_navigation(url=re.compile(f"{HOME}$")):
        await page.keyboard.press("Shift")
    await page.go_back()
    assert folio not in await page.content()


async def test_the_kiosk_without_a_connection(world: World, here: Clinic, wall: BrowserContext) -> None:
    """Its own page says where to go, and tries again with what was typed: one number."""
    code, folio = await code_for(world, here), await folio_for_today(world, here)
    page = await wall.new_page()
    await page.goto(f"{HOME}/vincular")
    await page.fill("#code", code)
    await press(page.get_by_role("button", name="Vincular"))
    async with asyncio.timeout(SECONDS):
        while not await page.evaluate(STORED):
            await page.wait_for_timeout(50)
    await wall.set_offline(True)
    await page.fill("#typed", folio)
    await page.keyboard.press("Enter")
    offline = page.get_by_role("heading", name="Sin conexión: pase a recepción")
    await offline.wait_for()
    await look(page, "kiosk-offline", (360, 740), (768, 1024), (1080, 1920))
    await page.get_by_role("button", name="Intentar otra vez").click()
    await offline.wait_for()
    assert await page.locator("input[name=typed]").input_value() == folio
    await wall.set_offline(False)
    await press(page.get_by_role("button", name="Intentar otra vez"))
    assert re.search(r"A-[0-9]{3}", await page.locator("main").inner_text())
    await wall.set_offline(True)
    await page.goto(f"/en{HOME}/sin-cita")
    await page.get_by_role("heading", name="No connection: please go to reception").wait_for()
    await wall.set_offline(False)
    await press(page.get_by_role("button", name="Try again"))
    assert page.url.rstrip("?").endswith(f"/en{HOME}/sin-cita")
    assert await page.get_by_role("heading", name="No connection").count() == 0


async def test_the_kiosk_without_a_connection_and_without_a_worker(
    chromium: Browser, world: World, here: Clinic
) -> None:
    """As over http: the same in place of the browser's own page, but for a restart."""
    code, folio = await code_for(world, here), await folio_for_today(world, here)
    context = await chromium.new_context(
        base_url=world.portal.address, viewport={"width": 1080, "height": 1024}, service_workers="block"
    )
    context.set_default_timeout(SECONDS * 1000)
    page = await context.new_page()
    await page.goto(f"{HOME}/vincular")
    await page.fill("#code", code)
    async with page.expect_response("**/sin-conexion"):
        await page.get_by_role("button", name="Vincular").click()
    await page.wait_for_function("instead !== undefined")
    assert not await page.evaluate("Boolean(navigator.serviceWorker.controller)")
    await context.set_offline(True)
    await page.fill("#typed", folio)
    await page.keyboard.press("Enter")
    offline = page.get_by_role("heading", name="Sin conexión: pase a recepción")
    await offline.wait_for()
    await look(page, "kiosk-offline-alone", (360, 740), (1080, 1920))
    await page.get_by_role("button", name="Intentar otra vez").click()
    await offline.wait_for()
    assert await page.locator("input[name=typed]").input_value() == folio
    await context.set_offline(False)
    await press(page.get_by_role("button", name="Intentar otra vez"))
    assert re.search(r"A-[0-9]{3}", await page.locator("main").inner_text())
    await page.wait_for_function("instead !== undefined")
    await context.set_offline(True)
    await page.get_by_role("link", name="Volver al inicio").click()
    await offline.wait_for()
    await page.evaluate("document.querySelector('[data-home]').dataset.seconds = 1")
    await page.keyboard.press("Shift")  # no one is there any more: it tries by itself, and goes on trying
    await context.set_offline(False)
    await page.wait_for_url(f"**{HOME}")
    await context.close()


STORED = """async () => {
    const pages = ["", "/en"].map((prefix) => `${prefix}/ventanilla/quiosco/sin-conexion`);
    const stored = await Promise.all(pages.map((path) => caches.match(path)));
    return Boolean(navigator.serviceWorker.controller) && stored.every(Boolean);
}"""


@pytest.mark.parametrize("width", [360, 768, 1080])
async def test_the_kiosk_by_touch(chromium: Browser, world: World, here: Clinic, width: int) -> None:
    context = await chromium.new_context(
        base_url=world.portal.address, viewport={"width": width, "height": 1024}, has_touch=True
    )
    context.set_default_timeout(SECONDS * 1000)
    page = await context.new_page()
    await page.goto(f"{HOME}/vincular")
    await page.fill("#code", await code_for(world, here))
    await press(page.get_by_role("button", name="Vincular"))
    await page.get_by_role("link", name="Tengo cita").first.tap()
    await page.wait_for_url(f"**{HOME}/cita")
    for key in "A1B2":
        await page.get_by_role("button", name=key, exact=True).tap()
    await page.get_by_role("button", name="Borrar").first.tap()
    assert await page.input_value("#typed") == "A1B"
    small = await page.evaluate(
        """() => [...document.querySelectorAll("main button, main a.v-kiosk__choice")]
        .filter((one) => one.checkVisibility() && Math.min(one.offsetWidth, one.offsetHeight) < 44)
        .map((one) => one.innerText)"""
    )
    assert small == []
    await look(page, "kiosk-appointment", (width, 1024))
    await page.get_by_role("button", name="Registrar llegada").tap()
    await page.get_by_text("No encontramos una cita").wait_for()
    assert await page.input_value("#typed") == ""
    await look(page, "kiosk-refusal", (width, 1024))
    await page.get_by_role("link", name="No tengo cita").tap()
    await page.get_by_label("Soy persona mayor").tap()
    await look(page, "kiosk-walk-in", (width, 1024))
    await page.get_by_role("button", name="Medicina familiar").tap()
    await page.get_by_text("Su turno", exact=True).wait_for()
    assert re.search(r"A-\d{3}", await page.locator("main").inner_text())
    async with world.transaction() as session:
        protected = await session.scalar(
            text("SELECT is_protected FROM desk_ticket WHERE unit_id = :unit ORDER BY arrived_at DESC LIMIT 1"),
            {"unit": here.unit.id},
        )
    assert protected
    await context.close()


async def test_staff_add_a_kiosk(chromium: Browser, world: World, here: Clinic) -> None:
    async with world.transaction() as session:
        boss = await supervisor(session, here)
    context = await chromium.new_context(base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context, staff_id=boss.staff_id)
    page = await context.new_page()
    await page.goto("/ventanilla/aparatos")
    await page.fill("#name", "Entrada")
    await page.get_by_label("Quiosco").check()
    await look(page, "devices-empty", (360, 740), (1366, 768))
    await press(page.get_by_role("button", name="Dar de alta y ver el código"))
    await look(page, "device-code", (360, 740), (1366, 768))
    await page.goto("/ventanilla/aparatos")
    await look(page, "devices", (360, 740), (1366, 768))
    await context.close()
