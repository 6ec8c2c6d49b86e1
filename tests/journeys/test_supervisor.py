"""A supervisor in a browser: close a shift after its preview, see who answered, ring, and open it again."""

import os
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from app.desk.service import arrivals, calls, counters
from app.desk.service.counters import Seat
from app.desk.service.tickets import TicketRef
from app.kernel import clock
from app.kernel.actor import Role
from app.places.models import Unit
from tests.appointments import factories as places
from tests.desk.factories import hire as receptionist
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import inspect, inspect_lines
from tests.journeys.steps import hire, text_of

SHOTS = os.environ.get("DESK_SHOTS")


async def look(page: Page, name: str, *, scripts: bool = True) -> None:
    """axe and overflow on a telephone and on a wide screen; a picture of each when asked for."""
    for width in (360, 1366):
        await page.set_viewport_size({"width": width, "height": 768})
        if scripts:
            await inspect(page, f"{name} at {width}")
        else:
            await inspect_lines(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


@pytest.fixture
async def desk(chromium: Browser, world: World) -> AsyncIterator[BrowserContext]:
    """A supervisor of every unit."""
    context = await chromium.new_context(base_url=world.portal.address, locale="es-MX")
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context, staff_id=await hire(world, Role.SUPERVISOR))
    yield context
    await context.close()


async def clinic(world: World, count: int = 3) -> tuple[Unit, date, list[str]]:
    """A unit of its own with a doctor, and people with an appointment the day after tomorrow; the last without any
    contact."""
    async with world.transaction() as session:
        unit = await places.unit(session, name="UMF 31 Oriente")
        first = clock.today(unit.timezone) + timedelta(days=2)
        await places.schedule(session, unit, slot_minutes=15, horizon_days=12, valid_from=first)
        names = ["Ana Núñez", "Benito Juárez Maza", "Carmen Serdán Alatriste"]
        start = places.tomorrow(14) + timedelta(days=1)
        for number in range(count):
            who = await places.person(session, unit)
            who.given_names, _space, who.first_surname = names[number].partition(" ")
            who.second_surname = None
            who.phone = f"55 1234 567{number}" if number < count - 1 else None
            await session.flush()
            await places.booked(session, who, places.place(unit, start + timedelta(minutes=15 * number)))
    return unit, first, names[:count]


async def test_a_shift_is_closed_after_its_preview_and_answers_are_recorded(desk: BrowserContext, world: World) -> None:
    unit, day, names = await clinic(world)
    page = await desk.new_page()
    await page.goto("/ventanilla/jefatura/cierres")
    await look(page, "choose-unit")
    await page.fill("#unidad", unit.clues)
    await press(page.get_by_role("button", name="Buscar unidad"))
    await look(page, "closures")
    await page.select_option("#room", "1")
    for field in ("#first", "#last"):
        await page.fill(field, day.isoformat())
    await press(page.get_by_role("button", name="Ver a quién afecta"))
    seen = await text_of(page)
    assert "3 personas con cita" in seen
    assert all(name in seen for name in names)
    await look(page, "closure-preview")
    await page.go_back()
    await page.go_forward()
    await press(page.get_by_role("button", name="Cerrar y avisar"))
    assert "Quedó cerrado" in await text_of(page)
    assert "Hay que llamarles (1)" in await text_of(page)
    assert "Todavía pueden contestar (2)" in await text_of(page)
    await look(page, "closure-people")
    await press(page.get_by_role("link", name=names[2]))
    await look(page, "closure-answer")
    await page.get_by_label("No contestó el teléfono").check()
    await press(page.get_by_role("button", name="Anotar"))
    assert "1 llamada sin respuesta" in await text_of(page)
    await press(page.get_by_role("link", name=names[2]))
    await page.get_by_label("Acepta:").check()
    await press(page.get_by_role("button", name="Anotar"))
    assert "Ya contestaron (1)" in await text_of(page)
    assert "anotada por el personal" in await text_of(page)
    await look(page, "closure-answered")
    await press(page.get_by_role("button", name="Abrir otra vez"))
    assert "Se abrió otra vez" in await text_of(page)


async def test_the_preview_is_shown_again_when_it_changed(desk: BrowserContext, world: World) -> None:
    unit, day, _names = await clinic(world)
    page = await desk.new_page()
    await page.goto(f"/ventanilla/jefatura/cierres?unidad={unit.id}")
    for field in ("#first", "#last"):
        await page.fill(field, day.isoformat())
    await page.select_option("#shift", "M")
    await press(page.get_by_role("button", name="Ver a quién afecta"))
    async with world.transaction() as session:
        start = places.tomorrow(14) + timedelta(days=1, minutes=60)
        who = await places.person(session, unit)
        await places.booked(session, who, places.place(unit, start))
    await press(page.get_by_role("button", name="Cerrar y avisar"))
    assert "Esto cambió mientras tenía abierta la página" in await text_of(page)
    assert "4 personas con cita" in await text_of(page)
    await press(page.get_by_role("button", name="Cerrar y avisar"))
    assert "Quedó cerrado" in await text_of(page)


async def test_with_the_keyboard_alone_and_without_scripts(chromium: Browser, world: World) -> None:
    unit, day, _names = await clinic(world, 1)
    context = await chromium.new_context(java_script_enabled=False, base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context, staff_id=await hire(world, Role.SUPERVISOR))
    page = await context.new_page()
    await page.goto(f"/ventanilla/jefatura/cierres?unidad={unit.id}")
    await page.focus("#room")
    await page.keyboard.press("ArrowDown")
    for field in ("first", "last"):
        await page.fill(f"#{field}", day.isoformat())
    await page.focus("#reason")
    await page.keyboard.press("Tab")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "1 persona con cita" in await text_of(page)
    await look(page, "closure-preview-without-scripts", scripts=False)
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.innerText.trim()") == "Cerrar y avisar":
            break
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "Quedó cerrado" in await text_of(page)
    await context.close()


async def test_the_unit_now_and_its_rates(desk: BrowserContext, world: World) -> None:
    unit, _day, _names = await clinic(world)
    async with world.transaction() as session:
        staff = await receptionist(session, unit, 1)
        await counters.open_counter(session, staff, Seat(unit.id, 1), ["family-medicine", "window"])
        for _ in range(4):
            await arrivals.take_number(session, staff, unit.id, "family-medicine")
        await arrivals.take_number(session, staff, unit.id, "window")
        called = await calls.call_next(session, staff.staff_id, "a")
        await calls.serve(session, staff, TicketRef(called.unit_id, called.id))
    page = await desk.new_page()
    await page.goto(f"/ventanilla/jefatura?unidad={unit.id}")
    for words in ("Rosa Díaz", "A-001", "A · Medicina familiar", "de 1 turno llamado"):
        assert words in await text_of(page)
    await look(page, "supervision")
    await press(page.get_by_role("link", name="Que se actualice sola"))
    assert await page.locator("meta[http-equiv=refresh]").count() == 1
    await press(page.get_by_role("link", name="Que no se actualice sola"))
    await press(page.get_by_role("link", name="Indicadores"))
    assert "Tercer horario libre" in await text_of(page)
    await look(page, "rates")
    await page.goto(f"/en/ventanilla/jefatura/indicadores?unidad={unit.id}")
    assert "Third next available" in await text_of(page)


async def test_a_schedule_is_changed_after_its_preview(desk: BrowserContext, world: World) -> None:
    unit, _day, names = await clinic(world)
    page = await desk.new_page()
    await page.goto(f"/ventanilla/jefatura/agendas?unidad={unit.id}")
    await look(page, "schedules")
    await press(page.get_by_role("link", name="Cambiar").first)
    await page.fill("#starts", "25:00")
    await press(page.get_by_role("button", name="Ver qué cambia"))
    assert "Escriba la hora" in await text_of(page)
    await look(page, "schedule-wrong")
    await page.fill("#starts", "08:30")
    await page.fill("#capacity", "2")
    await press(page.get_by_role("button", name="Ver qué cambia"))
    seen = await text_of(page)
    assert "2 personas con cita" in seen
    assert names[0] in seen
    assert names[2] not in seen, "her time is also in the new pattern"
    await look(page, "schedule-preview")
    async with world.transaction() as session:
        who = await places.person(session, unit)
        free = places.tomorrow(14) + timedelta(days=2)
        await places.booked(session, who, places.place(unit, free))
    await press(page.get_by_role("button", name="Aplicar"))
    assert "Esto cambió mientras tenía abierta la página" in await text_of(page)
    await press(page.get_by_role("button", name="Aplicar"))
    assert "La agenda quedó como se mostró" in await text_of(page)
    assert "8:30" in await text_of(page)
    await look(page, "schedules-changed")
    await press(page.get_by_role("link", name="Cambiar").first)
    await page.fill("#starts", "08:00")
    await press(page.get_by_role("button", name="Ver qué cambia"))
    assert "3 citas afectadas vuelven a quedar en pie" in await text_of(page)
    await look(page, "schedule-preview-back")


async def test_a_room_gets_a_schedule(desk: BrowserContext, world: World) -> None:
    unit, _day, _names = await clinic(world)
    async with world.transaction() as session:
        await places.room_of(session, unit, 2)
    page = await desk.new_page()
    await page.goto(f"/ventanilla/jefatura/agendas/nueva?unidad={unit.id}")
    await page.fill("#room", "1")
    await press(page.get_by_role("button", name="Ver qué cambia"))
    assert "1" in await page.locator("#room").input_value()
    assert await page.locator(".govuk-error-summary").count() == 1, "the room is in use at those hours"
    await look(page, "schedule-new")
    await page.fill("#room", "2")
    await press(page.get_by_role("button", name="Ver qué cambia"))
    assert "Horarios que se agregan" in await text_of(page)
    await press(page.get_by_role("button", name="Aplicar"))
    assert "La agenda quedó como se mostró" in await text_of(page)
