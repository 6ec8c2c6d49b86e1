"""An officer's desk in a browser: a plain approval by the keyboard in a few keys, and every page of the way."""

from pathlib import Path

from playwright.async_api import Browser, Page

from app.kernel.actor import Role
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import SHOTS, look
from tests.journeys.steps import file_correction, hire, text_of

MOST_KEYS = 12


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.count += 1
            await self.page.keyboard.press(key)

    async def go(self, key: str) -> None:
        async with self.page.expect_navigation():
            await self.press(key)


async def test_a_plain_approval_in_twelve_keys_at_most(chromium: Browser, world: World, photo: Path) -> None:
    citizens = await chromium.new_context(base_url=world.portal.address)
    citizens.set_default_timeout(SECONDS * 1000)
    await world.come_in(citizens)
    folio = await file_correction(await citizens.new_page(), photo)
    await citizens.close()
    desk = await chromium.new_context(base_url=world.portal.address, viewport={"width": 1366, "height": 768})
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk, staff_id=await hire(world, Role.SUPERVISOR))
    page = await desk.new_page()
    await page.goto("/ventanilla/cola?servicio=data-correct&estado=free")
    await look(page, "queue")
    await press(page.get_by_role("button", name="Tomar la siguiente"))
    assert folio in await page.title()
    assert f"Tomó la solicitud {folio}" in await text_of(page)
    await look(page, "case")
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/case-first-screen-1366.png")
        await page.evaluate("window.scrollTo(0, 900)")
        await page.screenshot(path=f"{SHOTS}/case-scrolled-1366.png")

    await page.reload()
    keys = Keys(page)
    await keys.press("Tab", "Tab", "Enter", "Tab")
    assert await page.evaluate("document.activeElement.name") == "quick", "the skip link leads to the decision"
    await keys.go("Enter")
    assert "Esto leerá la persona" in await text_of(page)
    await keys.press("Tab", "Tab", "Enter", "Tab")
    assert await page.evaluate("document.activeElement.innerText.trim()") == "Aprobar"
    await keys.go("Enter")
    assert f"La solicitud {folio} quedó decidida: Aprobada." in await text_of(page)
    await page.go_back()
    assert "Aprobada" in await text_of(page), "Back finds the request as it is now, not the form sent again"
    await page.go_forward()
    assert keys.count <= MOST_KEYS, keys.count
    await look(page, "case-approved")
    await press(page.get_by_role("button", name="Deshacer la aprobación"))
    assert "Se deshizo la aprobación" in await text_of(page)
    await page.go_back()
    assert "Cambió después de eso" in await text_of(page), "going back says what is so now"
    assert "quedó decidida" not in await text_of(page)
    await page.go_forward()

    await press(page.get_by_role("button", name="Aprobar: ver cómo quedaría").first)
    await look(page, "preview")
    await page.reload()
    assert "Esto leerá la persona" in await text_of(page), "a reload asks nothing"
    await press(page.get_by_role("button", name="Aprobar y tomar la siguiente"))
    assert "No quedaba otra libre con esos filtros" in await text_of(page)
    await look(page, "queue-after-the-last")
    await desk.close()


async def test_a_request_is_sent_to_another_unit_by_name_without_scripts(
    chromium: Browser, world: World, photo: Path
) -> None:
    desk = await chromium.new_context(java_script_enabled=False, base_url=world.portal.address)
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk)
    page = await desk.new_page()
    folio = await file_correction(page, photo)
    await world.come_in(desk, staff_id=await hire(world, Role.SUPERVISOR))
    await page.goto(f"/ventanilla/solicitudes/{folio}")
    await page.get_by_text("Asignar o enviar a otra unidad").click()
    await page.fill("#unit_search", "umf 27")
    await press(page.get_by_role("button", name="Buscar unidad"))
    await page.get_by_label("UMF 27 Centro").check()
    await press(page.get_by_role("button", name="Enviarla a esa unidad"))
    assert f"Envió la solicitud {folio} a la cola de UMF 27 Centro." in await text_of(page)
    await world.come_in(desk)
    await page.goto(f"/tramites/{folio}/retirar")  # the next journey asks for the same
    await press(page.get_by_role("button", name="Retirarla"))
    await desk.close()
