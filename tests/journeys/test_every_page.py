"""What holds on every page: axe finds nothing, nothing sticks out of a small screen, one heading, light, our host."""

from playwright.async_api import Browser, BrowserContext, Request
from sqlalchemy import text

from tests.journeys.conftest import SECONDS, World, go_on
from tests.journeys.inspection import (
    inspect,
    inspect_at_each_width,
    reach,
)
from tests.journeys.steps import book, cancel, choose

OPEN = ["/", "/citas", "/citas/identidad", "/citas/contacto", "/entrar", "/folio", "/ayuda", "/privacidad"]
OPEN += ["/accesibilidad", "/sin-conexion", "/no-existe", "/ventanilla/entrar", "/desarrollo/correo"]
OPEN += ["/tramites", "/verificar", "/datos", "/datos/espera", "/lista-de-espera", "/reparto"]
COLD_BYTES, COLD_REQUESTS = 35_000, 6


async def test_pages_open_to_everyone(screen: BrowserContext) -> None:
    page = await screen.new_page()
    for path in OPEN:
        await page.goto(path)
        await inspect_at_each_width(page)


async def test_pages_open_to_everyone_in_english(screen: BrowserContext) -> None:
    page = await screen.new_page()
    for path in OPEN:
        await page.goto(f"/en{path}")
        await inspect(page)


async def test_pages_with_mistakes(screen: BrowserContext) -> None:
    page = await screen.new_page()
    for path in ("/citas/identidad", "/citas/contacto", "/folio", "/ventanilla/entrar"):
        await page.goto(path)
        await go_on(page)
        assert (await page.title()).startswith("Error: ")
        await inspect_at_each_width(page, f"{path} with mistakes")
        target = await page.locator(".govuk-error-summary a").first.get_attribute("href")
        assert await page.locator(f"main {target}").count() == 1, f"{path}: the summary points nowhere ({target})"


async def test_pages_of_the_way_to_an_appointment(screen: BrowserContext, world: World) -> None:
    await world.come_in(screen)
    page = await screen.new_page()
    await page.goto("/citas/quien")
    await inspect_at_each_width(page)
    for _ in range(2):
        await choose(page)
        await inspect_at_each_width(page)
    await go_on(page)
    await inspect_at_each_width(page)
    await go_on(page)
    await inspect_at_each_width(page)
    await choose(page)
    await inspect_at_each_width(page)
    await go_on(page)
    await inspect_at_each_width(page)
    folio = (await page.locator(".v-folio").inner_text()).strip()
    for path in ("/mi", f"/citas/{folio}", f"/citas/{folio}/cancelar", "/mi/borrar"):
        await page.goto(path)
        await inspect_at_each_width(page)
    await cancel(page, folio)
    await inspect_at_each_width(page)


async def test_the_first_page_is_light_and_stays_home(phone: BrowserContext, world: World) -> None:
    page = await phone.new_page()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 # it must be a function of Python
    await page.goto("/", wait_until="networkidle")
    sizes = [await request.sizes() for request in asked]
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert total <= COLD_BYTES, f"{total} bytes"
    assert len(asked) <= COLD_REQUESTS
    assert all(request.url.startswith(world.portal.address) for request in asked)


async def test_cells_of_a_stacked_table_begin_at_the_left(phone: BrowserContext, world: World) -> None:
    """On a telephone a number stands beside its name, not at the other side of the screen."""
    page = await phone.new_page()
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/ayuda")
    for table in ("govuk-table v-stacked", "govuk-table v-figures"):
        aligned = await page.evaluate(
            """(name) => {
                const main = document.querySelector("main");
                main.innerHTML = `<table class="${name}"><tbody><tr>
                    <td class="govuk-table__cell v-number" data-label="Pago">$1,000.00</td></tr></tbody></table>`;
                const style = getComputedStyle(main.querySelector("td"));
                return [style.textAlign, style.display];
            }""",
            table,
        )
        assert aligned == ["left", "block"], table


async def test_the_keyboard_alone_is_enough(chromium: Browser, world: World) -> None:
    context = await chromium.new_context(java_script_enabled=False, base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context)
    page = await context.new_page()
    await page.goto("/citas/quien")
    await page.keyboard.press("Tab")
    assert await page.locator(":focus").inner_text() == "Ir al contenido"
    for path in ("/citas/motivo", "/citas/clinica"):
        await reach(page, "main input[type=radio]:focus")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{path}*")
    for path in ("/citas/dia", "/citas/hora"):
        await reach(page, "main button:focus")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**{path}*")
    await reach(page, "main input[type=radio]:focus")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/citas/revisar*")
    await reach(page, "main form button:focus")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/citas/listo*")
    folio = (await page.locator(".v-folio").inner_text()).strip()
    await cancel(page, folio)
    await context.close()


async def test_a_session_that_was_silent_keeps_its_answers(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    await page.goto("/citas/quien")
    await choose(page)
    async with world.transaction() as session:
        await session.execute(text("UPDATE web_session SET seen_at = seen_at - interval '30 minutes'"))
    await page.goto("/citas/motivo")
    assert "/citas/identidad" in page.url
    assert "Guardamos sus respuestas" in await page.locator("main").inner_text()


async def test_a_form_of_another_site_does_nothing(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await book(page)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = await phone.request.post(f"/citas/{folio}/cancelar", form={"reason": "other"}, headers=headers)
        assert answer.status == 403
    await page.goto(f"/citas/{folio}")
    assert "Reservada" in await page.locator("main").inner_text()
    await cancel(page, folio)
