"""Services in a real browser: one answered at once, one reviewed with more documents, and the officer's screen."""

from pathlib import Path

from playwright.async_api import Browser, BrowserContext

from app.kernel.actor import Role
from tests.journeys.conftest import SECONDS, World, go_on, press
from tests.journeys.inspection import inspect_at_each_width, reach
from tests.journeys.steps import attach, file_correction, hire, text_of


async def test_a_certificate_at_once(phone: BrowserContext, world: World) -> None:
    """Without JavaScript, on a small screen: from the list to the signed PDF."""
    await world.come_in(phone)
    page = await phone.new_page()
    await page.goto("/tramites")
    await press(page.get_by_role("link", name="Constancia de semanas cotizadas").last)
    assert "Se contesta al momento" in await text_of(page)
    await press(page.get_by_role("button", name="Empezar"))
    await go_on(page)
    await page.check("input[name=by_employer][value=yes]")
    await go_on(page)
    assert "Incluir cada patrón y sus fechas" in await text_of(page)
    await go_on(page)
    assert "Contestada" in await text_of(page)
    address = await page.get_by_role("button", name="Descargar el documento").get_attribute("href")
    answer = await phone.request.get(str(address))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    first = await answer.body()
    assert first.startswith(b"%PDF")
    assert await (await phone.request.get(str(address))).body() == first
    await page.get_by_text("Díganos cómo le fue").click()
    await page.check("input[name=would_have_done][value=yes]")
    await page.check("input[name=satisfaction][value='5']")
    await press(page.get_by_role("button", name="Enviar opinión"))
    assert "Dos preguntas" not in await text_of(page)


async def test_a_reviewed_service_with_more_documents(
    phone: BrowserContext, chromium: Browser, world: World, photo: Path
) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await file_correction(page, photo, "Peñaloza")
    assert "La respuesta llega a más tardar el" in await text_of(page)
    await page.go_back()
    assert page.url.endswith(f"/tramites/{folio}/listo"), "Back submits nothing again"
    await page.reload()
    assert "Recibimos su solicitud" in await text_of(page)
    await page.goto(f"/tramites/{folio}")
    assert "Se decide a más tardar el" in await text_of(page)
    desk = await chromium.new_context(
        java_script_enabled=False, base_url=world.portal.address, viewport={"width": 1280, "height": 900}
    )
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk, staff_id=await hire(world, Role.OFFICER))
    officer = await desk.new_page()
    await officer.goto("/ventanilla")
    await press(officer.get_by_role("button", name="Tomar la siguiente solicitud"))
    assert folio in await text_of(officer)
    await officer.get_by_text("Pedir algo a la persona").click()
    await officer.check("input[name=documents][value=birth-certificate]")
    await officer.fill("#ask", "La foto del acta no se lee.")
    await press(officer.get_by_role("button", name="Pedirlo"))
    assert "Plazo detenido" in await text_of(officer)

    await page.goto(f"/tramites/{folio}")
    assert "La foto del acta no se lee." in await text_of(page)
    await press(page.get_by_role("button", name="Responder"))
    await page.fill("#message", "Aquí está.")
    await press(page.get_by_role("button", name="Enviar respuesta"))
    assert "Falta este documento" in await text_of(page)
    await attach(page, "birth-certificate", photo)
    assert "Recibido" in await text_of(page)
    await page.fill("#message", "Aquí está.")
    await press(page.get_by_role("button", name="Enviar respuesta"))
    assert "En revisión" in await text_of(page)

    await officer.goto(f"/ventanilla/solicitudes/{folio}")
    await press(officer.get_by_role("button", name="Tomarla"))
    await officer.get_by_text("Negar, o decidir con otras palabras").click()
    await officer.check("input[name=action][value=approve]")
    await officer.check("input[name=reasons][value=documents-agree]")
    await press(officer.get_by_role("button", name="Ver cómo quedaría", exact=True))
    assert "Esto leerá la persona" in await text_of(officer)
    await press(officer.get_by_role("button", name="Aprobar", exact=True))
    await page.goto(f"/tramites/{folio}")
    assert "Aprobada" in await text_of(page)
    assert "Peñaloza" in await text_of(page)
    await desk.close()


async def test_the_officers_screen_with_the_keyboard_alone(
    phone: BrowserContext, chromium: Browser, world: World, photo: Path
) -> None:
    await world.come_in(phone)
    folio = await file_correction(await phone.new_page(), photo)
    desk = await chromium.new_context(java_script_enabled=False, base_url=world.portal.address)
    desk.set_default_timeout(SECONDS * 1000)
    await world.come_in(desk, staff_id=await hire(world, Role.OFFICER))
    officer = await desk.new_page()
    await officer.goto("/ventanilla")
    await reach(officer, "main form button:focus")
    await officer.keyboard.press("Enter")
    await officer.wait_for_url(f"**/ventanilla/solicitudes/{folio}?*")
    await reach(officer, "#decidir summary:focus")
    await officer.keyboard.press("Enter")
    await reach(officer, "input[name=action]:focus")
    await officer.keyboard.press("ArrowDown")  # from approve to refuse
    await reach(officer, "input[name=reasons][value=documents-disagree]:focus")
    await officer.keyboard.press("Space")
    await reach(officer, "textarea[name=message]:focus")
    await officer.keyboard.type("El acta dice otra cosa.")
    await reach(officer, "main form button:focus")
    await officer.keyboard.press("Enter")
    await officer.wait_for_url("**/ventanilla/respuesta/*?*")
    assert "El acta dice otra cosa." in await text_of(officer)
    await reach(officer, "main form button:focus")
    await officer.keyboard.press("Enter")
    await officer.wait_for_url(f"**/ventanilla/solicitudes/{folio}?*")
    assert "Negada" in await text_of(officer)
    page = await phone.new_page()
    await page.goto(f"/tramites/{folio}")
    assert "Pedir la revisión interna" in await text_of(page)
    await desk.close()


async def test_every_page_of_requests(screen: BrowserContext, world: World, photo: Path) -> None:
    """axe, small screens and one heading, on pages of citizens and officers in both languages."""
    await world.come_in(screen)
    page = await screen.new_page()
    for path in ("/tramites", "/en/tramites", "/tramites/pension", "/en/tramites/nursery", "/mi/permisos"):
        await page.goto(path)
        await inspect_at_each_width(page)
    await page.goto("/tramites/data-correct/quien")
    await inspect_at_each_width(page)
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
    await go_on(page)
    await go_on(page)
    assert (await page.title()).startswith("Error: ")
    await inspect_at_each_width(page)
    folio = await file_correction(page, photo)
    for path in (f"/tramites/{folio}", f"/tramites/{folio}/retirar", "/mi"):
        await page.goto(path)
        await inspect_at_each_width(page)
    await world.come_in(screen, staff_id=await hire(world, Role.SUPERVISOR))
    for path in ("/ventanilla", "/ventanilla/cola", "/en/ventanilla/cola", "/ventanilla/buscar"):
        await page.goto(path)
        await inspect_at_each_width(page)
    await page.goto(f"/ventanilla/solicitudes/{folio}")
    await press(page.get_by_role("button", name="Tomarla"))
    await inspect_at_each_width(page)
    await press(page.get_by_role("link", name="Ver a la persona"))
    await inspect_at_each_width(page)
    await page.goto("/ventanilla/cola")
    await page.check(f"input[value={folio}]")
    await press(page.get_by_role("button", name="Decidir las seleccionadas"))
    await inspect_at_each_width(page)
    await page.check("input[value=documents-disagree]")
    await press(page.get_by_role("button", name="Ver cómo quedarían"))
    assert "todavía no se ha hecho nada" in await text_of(page)
    await inspect_at_each_width(page)
    await press(page.get_by_role("button", name="Decidir así"))
    assert "Negada" in await text_of(page)
    await inspect_at_each_width(page)
