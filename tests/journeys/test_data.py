"""An analyst without JavaScript on a small screen: from their work to the dashboard, a filter, a table, a figure; and
what holds on every page of data: axe, width, weight, nothing the pages' policy refuses."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Request

from app.kernel.actor import Role
from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import inspect
from tests.journeys.steps import hire
from tests.web import factories

PUBLIC_BYTES, DATA_BYTES = 60_000, 120_000
PAGES = ("/datos/metodo", "/datos/descargas", "/datos/api", "/datos/tablero", "/datos/tablero/atencion")


@pytest.fixture(scope="module", autouse=True)
async def _a_year(world: World) -> None:
    async with world.transaction() as session:
        await factories.transactions(session, factories.this_year())
        await factories.tickets(session, factories.this_year())
        await factories.released(session, factories.this_year())


@pytest.fixture
async def small(chromium: Browser, world: World) -> AsyncIterator[BrowserContext]:
    """An analyst's small screen; with JavaScript, which axe needs."""
    context = await chromium.new_context(viewport={"width": 320, "height": 740}, base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    await world.come_in(context, staff_id=await hire(world, Role.ANALYST))
    yield context
    await context.close()


async def test_an_analyst_asks_without_javascript(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone, staff_id=await hire(world, Role.ANALYST))
    page = await phone.new_page()
    await page.goto("/ventanilla")
    await press(page.get_by_role("link", name="Tablero de lo ahorrado"))
    main = page.locator("main")
    assert "Trámites que cuentan\n4,320" in await main.inner_text()
    await page.get_by_text("Filtros (0 activos)").click()
    await page.select_option("select[name=estado]", "OC")
    await page.select_option("select[name=segmento]", "sex:M")
    await press(page.get_by_role("button", name="Ver", exact=True))
    assert "estado=OC" in page.url
    assert "segmento=sex%3AM" in page.url
    assert "Trámites que cuentan\n1,296" in await main.inner_text()
    table = page.locator("#horas table")
    assert not await table.is_visible()
    await page.locator("#horas summary").click()
    assert await table.is_visible()
    assert await table.locator("tbody tr").count() == 12
    assert await page.locator("#horas svg").first.get_attribute("role") == "img"
    await press(page.get_by_role("link", name="Quitar los filtros"))
    assert page.url.endswith("/datos/tablero")


async def test_pages_of_data_hold_what_every_page_holds(small: BrowserContext) -> None:
    page = await small.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(_text(message)))
    for path in PAGES:
        await page.goto(path)
        await inspect(page)
    assert said == [], "nothing of a plot is refused by the pages' policy"


def _text(message: ConsoleMessage) -> str:
    return message.text


async def test_a_figure_is_changed_on_pages_that_hold_too(small: BrowserContext) -> None:
    page = await small.new_page()
    await page.goto("/datos/linea-base")
    await inspect(page)
    await page.fill("input[name=note]", "Tarifas nuevas")
    await press(page.get_by_role("button", name="Empezar un borrador"))
    await inspect(page)
    await press(page.locator('a[href$="clave=fare&alcance=&lugar="]'))
    await page.fill("input[name=value]", "mucho")
    await press(page.get_by_role("button", name="Guardar en el borrador"))
    assert (await page.title()).startswith("Error: ")
    await inspect(page)
    await page.fill("input[name=value]", "40")
    await press(page.get_by_role("button", name="Guardar en el borrador"))
    await press(page.get_by_role("link", name="Descartar el borrador"))
    await inspect(page)
    await page.go_back()
    await press(page.get_by_role("link", name="Revisar y publicar"))
    assert "era 15 / 30 / 70 pesos, ahora 15 / 40 / 70 pesos" in await page.locator("main").inner_text()
    await inspect(page)
    await press(page.get_by_role("button", name="Publicar"))
    assert "Borrador" not in await page.locator("h1").inner_text()


@pytest.mark.parametrize(
    ("path", "budget", "pictures"), [("/datos", PUBLIC_BYTES, 1), ("/datos/tablero", DATA_BYTES, 6)]
)
async def test_plots_are_light(chromium: Browser, world: World, path: str, budget: int, pictures: int) -> None:
    context = await chromium.new_context(base_url=world.portal.address)
    await world.come_in(context, staff_id=await hire(world, Role.ANALYST))
    page = await context.new_page()
    asked: list[Request] = []
    page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 # it must be a function of Python
    await page.goto(path, wait_until="networkidle")
    assert await page.locator("svg.v-plot >> visible=true").count() == pictures
    sizes = [await request.sizes() for request in asked]
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert total <= budget, f"{total} bytes"
    assert all(request.url.startswith(world.portal.address) for request in asked)
    await context.close()
