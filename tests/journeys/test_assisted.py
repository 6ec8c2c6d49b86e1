"""A clerk helps in a browser: a call that is known by its answers, who books, moves and cancels; and a person at the
counter, for whom a request is filed with a document."""

import os
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page
from sqlalchemy import text

from app.kernel.actor import Role
from tests.journeys.conftest import POSTAL_CODE, SECONDS, World, go_on, press
from tests.journeys.inspection import inspect
from tests.journeys.steps import attach, choose, hire, text_of

SHOTS = os.environ.get("ASSISTED_SHOTS")


async def look(page: Page, name: str) -> None:
    """axe and overflow on a telephone and on a wide screen; a picture of each when asked for."""
    for width in (360, 1366):
        await page.set_viewport_size({"width": width, "height": 768})
        await inspect(page, f"{name} at {width}")
        if SHOTS:
            await page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


async def clerk(chromium: Browser, world: World) -> BrowserContext:
    """A receptionist's browser."""
    desk = await chromium.new_context(base_url=world.portal.address)
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk, staff_id=await hire(world, Role.RECEPTIONIST))
    return desk


async def begin(page: Page, world: World, channel: str) -> str:
    """Find the person by CURP and choose how they are there; the address of the assistance."""
    await page.goto("/ventanilla/asistida")
    await look(page, "whom")
    await page.fill("#who", world.luz.curp)
    await press(page.get_by_role("button", name="Continuar"))
    await look(page, "start")
    await page.check(f"input[name=channel][value={channel}]")
    await press(page.get_by_role("button", name="Empezar"))
    return page.url.removeprefix(world.portal.address)


async def answer(page: Page, world: World, *, wrong: bool = False) -> None:
    born = world.luz.birth_on
    for part, value in (("day", born.day), ("month", born.month), ("year", born.year + wrong)):
        await page.fill(f"#birth-{part}", str(value))
    said = {
        "nss-end": (world.luz.nss or "")[-4:],
        "postal-code": world.luz.postal_code or POSTAL_CODE,
        "room": str(world.luz.room),
        "employer": "A1",
    }
    for name, right in said.items():
        if await page.locator(f"#{name}").count():
            await page.fill(f"#{name}", "0" if wrong else right)
    await press(page.get_by_role("button", name="Comprobar respuestas"))


async def pick(page: Page, number: int = 0) -> None:
    """The soonest day, one of its times, and the review."""
    await go_on(page)
    await choose(page, number)
    assert page.url.endswith("/citas/revisar")


async def test_a_call_books_moves_and_ends(chromium: Browser, world: World) -> None:
    async with world.transaction() as session:
        values = {"code": POSTAL_CODE, "id": world.luz.id}
        await session.execute(text("UPDATE person SET postal_code = :code WHERE id = :id"), values)
    desk = await clerk(chromium, world)
    page = await desk.new_page()
    home = await begin(page, world, "phone")
    await look(page, "identity-phone")
    await answer(page, world, wrong=True)
    assert "Las respuestas no bastan" in await text_of(page)
    await look(page, "identity-refused")
    await answer(page, world)
    assert "comprobó quién es con preguntas" in await text_of(page)
    await look(page, "menu-low")

    await press(page.get_by_role("link", name="Hacer una cita"))
    await choose(page)
    await look(page, "unit")
    await go_on(page)
    await look(page, "day")
    await pick(page)
    await look(page, "review")
    await go_on(page)
    assert page.url.endswith(f"{home}/citas/listo")
    await look(page, "booked")
    folio = (await page.locator(".v-folio").inner_text()).strip()
    await page.go_back()
    assert page.url.endswith("/citas/listo"), "Back finds that it is done"

    await page.goto(f"{home}/citas/{folio}")
    await look(page, "appointment")
    await press(page.get_by_role("button", name="Mover a otro horario"))
    await pick(page, 1)
    await go_on(page)
    assert "Su cita se movió" in await text_of(page)
    await page.goto(f"{home}/citas/{folio}/cancelar")
    await look(page, "cancel")
    await page.locator("main input[type=radio]").first.check()
    await press(page.locator("main form button.govuk-button--warning"))

    await press(page.get_by_role("link", name="Todo lo de esta persona"))
    await press(page.get_by_role("button", name="Terminar la atención"))
    assert page.url.endswith("/ventanilla/asistida")
    await page.goto(f"{home}/citas/quien")
    assert "¿Cómo atiende a la persona?" in await text_of(page)
    await look(page, "ended")
    await desk.close()


async def test_at_the_counter_a_request_is_filed_with_a_document(chromium: Browser, world: World, photo: Path) -> None:
    desk = await clerk(chromium, world)
    page = await desk.new_page()
    home = await begin(page, world, "desk")
    await look(page, "identity-desk")
    await page.check("input[name=document][value=voter-card]")
    await press(page.get_by_role("button", name="Vi este documento"))
    await look(page, "menu-full")
    await press(page.get_by_role("link", name="Pedir un trámite"))
    await look(page, "catalogue")
    await page.goto(f"{home}/tramites/data-correct")
    await look(page, "service")
    await page.goto(f"{home}/tramites/data-correct/quien")
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
    await go_on(page)
    await page.check("input[name=field][value=name]")
    await go_on(page)
    await page.fill("#second_surname", "Del Río")
    await go_on(page)
    for kind in ("identification", "birth-certificate"):
        await attach(page, kind, photo)
    await look(page, "documents")
    await press(page.get_by_role("button", name="Continuar"))
    await look(page, "request-review")
    await go_on(page)
    assert "Recibimos su solicitud" in await text_of(page)
    await look(page, "submitted")
    folio = (await page.locator(".v-folio").inner_text()).strip()
    await press(page.get_by_role("link", name="Volver a la atención"))
    assert page.url.endswith(home)

    hers = await chromium.new_context(base_url=world.portal.address)
    await world.come_in(hers)
    own = await hers.new_page()
    await own.goto("/mi/accesos")
    assert "Credencial para votar" in (await text_of(own)) or "credencial para votar" in (await text_of(own))
    await look(own, "who-helped")
    await own.goto(f"/tramites/{folio}/retirar")  # the next journey asks for the same
    await press(own.get_by_role("button", name="Retirarla"))
    await hers.close()
    await desk.close()
