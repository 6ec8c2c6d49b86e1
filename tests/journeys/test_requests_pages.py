"""What holds on every page of requests: axe, small screens and one heading, for citizens, officers and supervisors."""

from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from app.kernel.actor import Role
from tests.journeys.conftest import SECONDS, World, go_on, press
from tests.journeys.inspection import inspect_at_each_width
from tests.journeys.steps import SURNAMES, attach, file_correction, hire, text_of


async def begin_correction(page: Page) -> str:
    """A draft of a correction, with nothing answered; its folio."""
    await page.goto("/tramites/data-correct/quien")
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
    await go_on(page)
    return page.url.split("/tramites/")[1].split("/")[0]


async def test_every_page_of_a_draft(screen: BrowserContext, world: World, photo: Path) -> None:
    await world.come_in(screen)
    page = await screen.new_page()
    folio = await begin_correction(page)
    await go_on(page)
    assert (await page.title()).startswith("Error: ")
    await inspect_at_each_width(page)
    await page.goto(f"/tramites/{folio}")
    assert (await text_of(page)).count("Por hacer") == 3
    await inspect_at_each_width(page)
    await page.goto(f"/en/tramites/{folio}")
    await inspect_at_each_width(page)
    await press(page.get_by_role("button", name="Continue"))
    await page.check("input[name=field][value=name]")
    await go_on(page)
    await inspect_at_each_width(page)
    await page.fill("#second_surname", next(SURNAMES))
    await go_on(page)
    await inspect_at_each_width(page)
    await attach(page, "identification", photo)
    await inspect_at_each_width(page)
    await page.goto(f"/tramites/{folio}/revisar")
    await inspect_at_each_width(page)
    assert "Faltan documentos" in await text_of(page)
    assert not await page.get_by_role("button", name="Enviar").count()
    await press(page.get_by_role("button", name="Adjuntar lo que falta"))
    assert page.url.endswith("/documentos")
    await page.goto(f"/tramites/{folio}")
    await press(page.get_by_role("button", name="Descartar el borrador"))


async def test_every_page_of_an_officer_at_a_request(screen: BrowserContext, world: World, photo: Path) -> None:
    await world.come_in(screen)
    page = await screen.new_page()
    folio = await file_correction(page, photo)
    await world.come_in(screen, staff_id=await hire(world, Role.SUPERVISOR))
    case = f"/ventanilla/solicitudes/{folio}"
    await page.goto(case)
    await press(page.get_by_role("button", name="Tomarla"))
    await press(page.get_by_role("link", name="verlo grande").first)
    await inspect_at_each_width(page)
    for way in ("Girar a la derecha", "Más grande", "Más grande"):
        await press(page.get_by_role("link", name=way))
    box = await page.locator(".v-viewer__box").bounding_box()
    around = await page.locator(".v-viewer").bounding_box()
    assert box is not None
    assert around is not None
    assert box["width"] > 1.9 * around["width"], "twice as large, inside a frame that scrolls"
    await inspect_at_each_width(page)
    await press(page.locator("button.govuk-button[name=accept][value=no]"))
    assert (await page.title()).startswith("Error: ")
    await inspect_at_each_width(page)
    await page.select_option("select[name^=because]", "unreadable")
    await page.focus("input[name^=reason]")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "documento 2 de 2" in await text_of(page)
    await page.goto(case)
    assert "Documento rechazado" in await text_of(page), "Enter after a reason rejects"
    await page.get_by_text("Negar, o decidir con otras palabras").click()
    await page.check("input[name=action][value=refuse]")
    await page.check("input[name=reasons][value=documents-disagree]")
    await press(page.get_by_role("button", name="Ver cómo quedaría", exact=True))
    await inspect_at_each_width(page)
    await page.goto(case)
    await press(page.get_by_role("button", name="Pedirlo"))
    assert "Plazo detenido" in await text_of(page)
    await page.goto("/ventanilla/buscar")
    await page.fill("#q", folio)
    await press(page.get_by_role("button", name="Buscar"))
    assert "buscar" in page.url
    assert folio not in page.url
    await inspect_at_each_width(page)
    await world.come_in(screen)
    await page.goto(f"/tramites/{folio}/responder")
    assert "No se lee bien" in await text_of(page)
    await inspect_at_each_width(page)
    await page.goto(f"/tramites/{folio}/retirar")
    await press(page.get_by_role("button", name="Retirarla"))


async def test_a_supervisor_shares_work_out_without_scripts(chromium: Browser, world: World, photo: Path) -> None:
    context = await chromium.new_context(java_script_enabled=False, base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context)
    page = await context.new_page()
    folio = await file_correction(page, photo)
    await hire(world, Role.OFFICER)
    await world.come_in(context, staff_id=await hire(world, Role.SUPERVISOR))
    await page.goto("/ventanilla/cola")
    await page.check(f"input[value={folio}]")
    await page.select_option("#staff_id", label="Rosa Díaz")
    await press(page.get_by_role("button", name="Asignarlas"))
    assert "Asignadas a Rosa Díaz" in await text_of(page)
    await page.goto("/ventanilla/cola?estado=held")
    assert "desde el" in await text_of(page)
    await world.come_in(context)
    await page.goto(f"/tramites/{folio}/retirar")
    await press(page.get_by_role("button", name="Retirarla"))
    await context.close()
