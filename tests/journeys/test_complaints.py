"""A complaint about any unit, its answer, appeal and messages, without JavaScript, on a phone and on a desk."""

import os
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from app.kernel.actor import Role
from tests.appointments import factories
from tests.journeys.conftest import SECONDS, World, go_on, press
from tests.journeys.inspection import WIDEST_OVERFLOW, inspect
from tests.journeys.steps import hire, text_of


async def look(page: Page, name: str, *, thoroughly: bool = True) -> None:
    """Check the page, with axe where it has JavaScript; with JOURNEY_PICTURES, keep a picture of it there too."""
    if folder := os.environ.get("JOURNEY_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
    if thoroughly:
        await inspect(page)
    else:
        assert await page.evaluate(WIDEST_OVERFLOW) <= 0, f"{page.url} sticks out"


async def test_from_any_unit_to_an_answer_an_appeal_and_a_message(
    phone: BrowserContext, chromium: Browser, world: World
) -> None:
    async with world.transaction() as session:
        far = await factories.unit(session, name="HGZ 8 Ñoñería")
        far.is_operating, far.municipality = False, "TLÁHUAC"
    await world.come_in(phone)
    page = await phone.new_page()
    await page.goto("/tramites/complaint")
    await press(page.get_by_role("button", name="Empezar"))
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
        await go_on(page)
    if not await page.locator("input[name=about]").count():
        await go_on(page)
    await page.check("input[name=about][value=complaint]")
    await page.fill("textarea[name=story]", "La farmacia estaba cerrada.")
    await page.fill("input[name=unit_id-search]", "noneria tlahuac")
    await press(page.get_by_role("button", name="Buscar"))  # saves nothing
    await page.wait_for_url("**/respuesta/*")
    assert "1 encontrada." in await text_of(page)
    assert await page.input_value("textarea[name=story]") == "La farmacia estaba cerrada."
    await look(page, "unit-search-360", thoroughly=False)
    await page.get_by_label("HGZ 8 Ñoñería").check()
    await press(page.get_by_role("button", name="Guardar y continuar"))
    await page.goto(page.url.replace("/documentos", "/revisar"))
    await press(page.get_by_role("button", name="Enviar"))
    folio = page.url.split("/tramites/")[1].split("/")[0]
    assert "Recibimos su solicitud" in await text_of(page)
    await page.goto(f"/tramites/{folio}")
    assert "En revisión" in await text_of(page)

    desk = await chromium.new_context(base_url=world.portal.address)
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk, staff_id=await hire(world, Role.SUPERVISOR))
    staff = await desk.new_page()
    await staff.goto(f"/ventanilla/solicitudes/{folio}")
    await press(staff.get_by_role("button", name="Tomarla"))
    await staff.get_by_label("Contestar que no nos corresponde").check()
    await staff.check("input[name=reasons][value=not-ours]")
    await press(staff.get_by_role("button", name="Ver cómo quedaría"))
    assert "Escriba la respuesta con palabras" in await text_of(staff)
    await look(staff, "answer-without-words")
    await staff.fill("#message", "La farmacia es de otra institución.")
    await press(staff.get_by_role("button", name="Ver cómo quedaría"))
    await look(staff, "answer-letter")
    await press(staff.get_by_role("button", name="Contestar que no nos corresponde", exact=True))

    await page.goto(f"/tramites/{folio}")
    assert "Contestada: no nos corresponde" in await text_of(page)
    await look(page, "answered-360", thoroughly=False)
    await page.fill("#message", "¿A dónde voy?")
    await press(page.get_by_role("button", name="Enviar mensaje"))
    assert "Le contestamos a más tardar el" in await text_of(page)
    await look(page, "message-sent-360", thoroughly=False)
    await staff.goto("/ventanilla/cola?asunto=message")
    await look(staff, "queue-of-messages")
    await press(staff.get_by_role("link", name=folio))
    await look(staff, "message-to-answer")
    await press(staff.get_by_role("button", name="No hace falta contestar"))

    await page.goto(f"/tramites/{folio}/revision")
    await look(page, "appeal-360", thoroughly=False)
    await page.fill("#message", "Sí es suyo.")
    await press(page.get_by_role("button", name="Enviar"))
    await page.go_back()
    await page.reload()
    assert "Ya pidió la revisión interna" in await text_of(page)
    await look(page, "appealed-already-360", thoroughly=False)
    await staff.goto("/ventanilla/cola")
    assert "Ya participé" in await text_of(staff)
    await look(staff, "queue-excluded")
    await staff.goto(f"/ventanilla/solicitudes/{folio}")
    assert not await staff.get_by_role("button", name="Tomarla").count()
    await look(staff, "case-excluded")
    await staff.set_viewport_size({"width": 360, "height": 740})
    lists = "/ventanilla/en-espera?de=respuesta", "/en/ventanilla/en-espera?de=visita"
    for path in ("/ventanilla", "/ventanilla/cola", *lists):
        await staff.goto(path)
        await look(staff, f"staff-360-{path.rsplit('/', 1)[-1].replace('?', '-').replace('=', '-')}")
    await world.come_in(desk)
    for path in (f"/tramites/{folio}", f"/tramites/{folio}/revision", f"/en/tramites/{folio}/revision"):
        await staff.goto(path)
        await inspect(staff)
    await desk.close()
