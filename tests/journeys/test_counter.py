"""A counter's shift by the keyboard alone, and a doctor's list: what is done without a mouse, at every width and on
paper."""

import os
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page
from sqlalchemy import text

from app.desk.service import arrivals
from app.desk.service.check_in import check_in
from app.kernel import clock
from app.kernel.actor import Role, Staff
from app.places.models import Room
from tests.appointments import factories
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import inspect, printed
from tests.journeys.steps import hire, text_of

SHOTS = os.environ.get("DESK_SHOTS")
COUNTER, ROOM = "/ventanilla/mostrador", "/ventanilla/consultorio"
WINDOW = 51
MOST_TABS = 80


async def look(page: Page, name: str) -> None:
    """axe and overflow on a telephone and on a wide screen; a picture of each when asked for."""
    for width in (360, 1366):
        await page.set_viewport_size({"width": width, "height": 768})
        await inspect(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


async def go(page: Page, key: str = "Enter") -> None:
    """Press a key, and wait for the page it leads to and for what has the focus there."""
    async with page.expect_navigation():
        await page.keyboard.press(key)
    await page.wait_for_function("document.activeElement !== document.body")


async def reload(page: Page) -> None:
    """The page again, with the focus that it gives."""
    await page.reload()
    await page.wait_for_function("document.activeElement !== document.body")


async def access(page: Page, key: str) -> None:
    """Press Alt and an access key, and wait for the page it leads to. Of a key with Alt, Playwright leaves out which
    letter it writes by itself, by which the browser finds the button."""
    keyboard = await page.context.new_cdp_session(page)
    alone = {"modifiers": 1, "key": key, "code": f"Key{key.upper()}", "windowsVirtualKeyCode": ord(key.upper())}
    async with page.expect_navigation():
        await keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "unmodifiedText": key, "text": key} | alone)
        await keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp"} | alone)
    await keyboard.detach()
    await page.wait_for_function("document.activeElement !== document.body")


async def reach(page: Page, what: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(MOST_TABS):
        if await page.locator(f"{what}:focus").count():
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never reached {what} of {page.url}")


async def focused(page: Page) -> str:
    """What has the focus, without its key."""
    words: str = await page.evaluate("document.activeElement.firstChild?.textContent ?? ''")
    return words.strip()


@pytest.fixture
async def desk(chromium: Browser, world: World) -> AsyncIterator[Page]:
    """A member of staff of every unit at a wide screen, and a window in the clinic."""
    async with world.transaction() as session:
        if await session.get(Room, (world.unit.id, WINDOW)) is None:
            session.add(Room(unit_id=world.unit.id, number=WINDOW, kind="window", name="Ventanilla 51"))
    context = await chromium.new_context(base_url=world.portal.address, viewport={"width": 1366, "height": 768})
    context.set_default_timeout(SECONDS * 1000)
    me = await hire(world, Role.OFFICER)
    await world.come_in(context, staff_id=me)
    yield await context.new_page()
    async with world.transaction() as session:
        await session.execute(text("TRUNCATE desk_ticket, desk_number, counter_session CASCADE"))
    await context.close()


async def someone(world: World) -> Staff:
    async with world.transaction() as session:
        me: UUID | None = await session.scalar(text("SELECT id FROM staff ORDER BY id LIMIT 1"))
    assert me is not None
    return Staff(me, Role.OFFICER, None)


async def test_a_whole_shift_by_the_keyboard_alone(desk: Page, world: World) -> None:
    clerk = await someone(world)
    async with world.transaction() as session:
        for person_id in (None, world.luz.id):
            await arrivals.take_number(session, clerk, world.unit.id, "window", person_id=person_id)
    await desk.goto(COUNTER)
    await reach(desk, "#unidad")
    await desk.keyboard.type("umf 27")
    async with desk.expect_navigation():
        await desk.keyboard.press("Enter")
    await look(desk, "counter-units")
    await reach(desk, f'a[href$="unidad={world.unit.clues}"]')
    await go(desk)
    assert await desk.evaluate("document.activeElement.id") == "counter", "the first thing to choose"
    await look(desk, "counter-closed")
    await reload(desk)
    await desk.keyboard.type("Ventanilla 51")
    await reach(desk, 'form[action$="/abrir"] button')
    await go(desk)
    assert await focused(desk) == "Llamar al siguiente"
    await look(desk, "counter-open")
    await reload(desk)
    await access(desk, "s")
    assert "Llamó al turno A-001." in await text_of(desk)
    assert await focused(desk) == "La persona está aquí"
    for _ in range(2):
        await access(desk, "o")
    assert "3 llamados" in await text_of(desk)
    await look(desk, "counter-called")
    await access(desk, "n")
    assert "no respondió" in await text_of(desk)
    await look(desk, "counter-left")
    await reach(desk, 'form[action$="/devuelve"] button')
    await go(desk)
    assert await focused(desk) == "Llamar al siguiente"
    for button in ("La persona está aquí", "Terminar: se atendió", "Llamar al siguiente"):
        await go(desk)
        assert await focused(desk) == button
    assert "Terminó con el turno A-001" in await text_of(desk)
    await go(desk)
    assert world.luz.full_name in await text_of(desk), "who it is opens beside the ticket"
    await look(desk, "counter-person")
    await access(desk, "p")
    assert "Apartados (1)" in await text_of(desk)
    await look(desk, "counter-set-aside")
    await reach(desk, 'form[action$="/regreso"] button')
    await go(desk)
    await go(desk)
    await go(desk)
    assert await focused(desk) == "Terminar: se atendió"
    await look(desk, "counter-serving")
    await reload(desk)
    await reach(desk, "summary")
    await desk.keyboard.press("Enter")
    await reach(desk, "#service")
    await desk.keyboard.type("Medicina")
    await reach(desk, 'form[action$="/pasa"] button')
    await go(desk)
    assert "Pasó el turno A-002 a otra fila." in await text_of(desk)
    await reach(desk, 'form[action$="/pausar"] button')
    await go(desk)
    assert await focused(desk) == "Reanudar"
    await look(desk, "counter-paused")
    await reload(desk)
    await go(desk)
    assert await focused(desk) == "Llamar al siguiente"
    await reach(desk, 'form[action$="/cerrar"] button')
    await go(desk)
    assert "Cerró su lugar." in await text_of(desk)
    await desk.go_back()
    assert "Dónde va a atender" in await text_of(desk), "Back shows the counter as it is"


async def test_a_doctors_list_to_a_follow_up(desk: Page, world: World) -> None:
    clerk = await someone(world)
    today = clock.today(world.unit.timezone)
    folios = []
    async with world.transaction() as session:
        for minutes in (40, 20):
            who = await factories.person(session, world.unit)
            (free,) = await factories.seats(
                session, world.unit, start_at=factories.tomorrow(hour=8) + timedelta(minutes=minutes)
            )
            made = await factories.booked(session, who, factories.place(world.unit, free))
            await session.execute(
                text("UPDATE appointment SET start_at = :at, on_date = :day WHERE folio = :folio"),
                {"at": clock.now() - timedelta(minutes=minutes), "day": today, "folio": made.folio},
            )
            folios.append(made.folio)
        number = (await check_in(session, clerk, world.unit.id, folios[0])).number
    await desk.goto(f"{ROOM}?unidad={world.unit.clues}&sala=1")
    assert "No ha llegado" in await text_of(desk)
    await press(desk.get_by_role("button", name="Abrir consultorio"))
    await look(desk, "room-list")
    await press(desk.get_by_role("button", name="Llamar"))
    await look(desk, "room-called")
    await press(desk.get_by_role("button", name="Está aquí"))
    first = desk.locator("tr", has_text=folios[0])
    await press(first.get_by_role("button", name="Se atendió"))
    assert "Atendida" in await first.inner_text()
    await press(desk.locator("tr", has_text=folios[1]).get_by_role("button", name="No vino"))
    assert "Anotó que la persona no vino." in await text_of(desk)
    paper = await printed(desk)
    for part in (*folios, "Ana Núñez Peña", "No asistió", number):
        assert part in paper, part
    if SHOTS:
        await desk.emulate_media(media="print")
        await desk.screenshot(path=f"{SHOTS}/room-paper.png", full_page=True)
        await desk.emulate_media(media="screen")
    await press(first.get_by_role("link", name="Cita de seguimiento"))
    await look(desk, "room-follow-up")
    await desk.get_by_role("radio", disabled=False).first.check()
    await press(desk.get_by_role("button", name="Hacer la cita"))
    assert "Cita de seguimiento:" in await text_of(desk)
    await look(desk, "room-done")
