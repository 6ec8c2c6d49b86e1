"""Pages that staff and analysts print: what they say, whole, on sheets of paper, and nothing that is only pressed."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from app.kernel.actor import Role
from tests.journeys.conftest import World, press
from tests.journeys.steps import file_correction, hire, text_of

pytestmark = pytest.mark.journey

SHEET: ViewportSize = {"width": 716, "height": 950}
"""A letter sheet without its margins, in CSS pixels."""
PRESSED = "nav, button:not(.govuk-visually-hidden), input:not([type=hidden]), select, textarea, .v-sections, .v-filters"
WIDER = """width => [...document.querySelectorAll("main table")].filter(one => one.checkVisibility())
    .filter(one => one.getBoundingClientRect().right > width).map(one => one.caption.innerText)"""


async def printed(page: Page) -> str:
    """What the page says on paper, after it was looked at there."""
    await page.set_viewport_size(SHEET)
    await page.emulate_media(media="print")
    shown = [one for one in await page.locator(PRESSED).all() if await one.is_visible()]
    assert not [await one.evaluate("one => one.outerHTML.slice(0, 120)") for one in shown], page.url
    assert await page.evaluate(WIDER, SHEET["width"]) == [], f"{page.url}: a table is wider than the sheet"
    said = await text_of(page)
    await page.emulate_media(media="screen")
    return said


async def test_the_queue_and_a_request_on_paper(browser: Browser, world: World, photo: Path) -> None:
    context = await browser.new_context(base_url=world.portal.address)
    await world.come_in(context)
    page = await context.new_page()
    folio = await file_correction(page, photo)
    await world.come_in(context, staff_id=await hire(world, Role.SUPERVISOR))
    await page.goto("/ventanilla/cola?servicio=data-correct")
    said = await printed(page)
    assert folio in said
    assert f"{world.portal.address}/ventanilla/cola?servicio=data-correct" in said, "where the list is"
    await page.goto(f"/ventanilla/solicitudes/{folio}")
    await press(page.get_by_role("button", name="Tomarla"))
    said = await printed(page)
    for part in ("Datos", "Documentos", "acta de nacimiento.png", "Historia"):
        assert part in said, part
    for part in ("Negar, o decidir", "Pedir algo", "Rechazar documento", "Escribir", "Necesito más tiempo"):
        assert part not in said, part
    assert said.splitlines()[-1] == f"{world.portal.address}/ventanilla/solicitudes/{folio}"
    await world.come_in(context)
    await page.goto(f"/tramites/{folio}/retirar")
    await press(page.get_by_role("button", name="Retirarla"))
    await context.close()


async def test_how_savings_are_measured_on_paper(browser: Browser, world: World) -> None:
    context = await browser.new_context(base_url=world.portal.address)
    page = await context.new_page()
    await page.goto("/datos/metodo")
    folded = page.locator("details table td").first
    assert not await folded.is_visible()
    said = await printed(page)
    assert "Copias, fotos y formatos" in said
    assert "Descargar las cifras" not in said
    await page.emulate_media(media="print")
    assert await folded.is_visible(), "what is folded on the screen is open on paper"
    await context.close()
