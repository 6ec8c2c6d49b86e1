"""Pages that staff and analysts print: what they say, whole, on sheets of paper, and nothing that is only pressed."""

from pathlib import Path

from playwright.async_api import Browser

from app.kernel.actor import Role
from tests.journeys.conftest import World, press
from tests.journeys.inspection import printed
from tests.journeys.steps import file_correction, hire


async def test_the_queue_and_a_request_on_paper(chromium: Browser, world: World, photo: Path) -> None:
    context = await chromium.new_context(base_url=world.portal.address)
    await world.come_in(context)
    page = await context.new_page()
    folio = await file_correction(page, photo)
    await world.come_in(context, staff_id=await hire(world, Role.SUPERVISOR))
    await page.goto("/ventanilla/cola?servicio=data-correct")
    text = await printed(page)
    assert folio in text
    assert f"{world.portal.address}/ventanilla/cola?servicio=data-correct" in text, "where the list is"
    await page.goto(f"/ventanilla/solicitudes/{folio}")
    await press(page.get_by_role("button", name="Tomarla"))
    text = await printed(page)
    for part in ("Datos", "Documentos", "acta de nacimiento.png", "Historia"):
        assert part in text, part
    for part in ("Negar, o decidir", "Pedir algo", "Rechazar documento", "Escribir", "Necesito más tiempo"):
        assert part not in text, part
    assert text.splitlines()[-1] == f"{world.portal.address}/ventanilla/solicitudes/{folio}"
    await world.come_in(context)
    await page.goto(f"/tramites/{folio}/retirar")
    await press(page.get_by_role("button", name="Retirarla"))
    await context.close()


async def test_how_savings_are_measured_on_paper(chromium: Browser, world: World) -> None:
    context = await chromium.new_context(base_url=world.portal.address)
    page = await context.new_page()
    await page.goto("/datos/metodo")
    folded = page.locator("details table td").first
    assert not await folded.is_visible()
    text = await printed(page)
    assert "Copias, fotos y formatos" in text
    assert "Descargar las cifras" not in text
    await page.emulate_media(media="print")
    assert await folded.is_visible(), "what is folded on the screen is open on paper"
    await context.close()
