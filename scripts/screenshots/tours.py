"""Ways through the portal, each of which takes its pages: a person's, an officer's, a waiting room's, an analyst's."""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Locator, Page

from app.demo.places import clues_of
from scripts.screenshots.camera import Camera
from scripts.screenshots.portal import DemoPortal

OPEN_PAGES = {
    "home": "/",
    "booking-start": "/citas",
    "sign-in": "/entrar",
    "services": "/tramites",
    "services-found": "/tramites?q=pension",
    "service-instant": "/tramites/weeks",
    "service-reviewed": "/tramites/data-correct",
    "verify": "/verificar",
    "follow": "/folio",
    "help": "/ayuda",
    "privacy": "/privacidad",
    "home-english": "/en",
    "staff-sign-in": "/ventanilla/entrar",
    "not-found": "/no-existe",
}
OPEN_DATA = {"method": "/datos/metodo", "downloads": "/datos/descargas", "data-api": "/datos/api"}
ANALYSIS = {
    "dashboard": "/datos/tablero",
    "dashboard-filtered": "/datos/tablero?segmento=sex:M",
    "attention": "/datos/tablero/atencion",
    "baselines": "/datos/linea-base",
    "baseline": "/datos/linea-base/1",
}
STAFF = {"staff-work": "/ventanilla", "queue": "/ventanilla/cola", "queue-filtered": "/ventanilla/cola?asunto=decide"}
ADMINISTRATION = {"personnel": "/ventanilla/personal", "stopped": "/ventanilla/pendientes"}

BUSY_AFTER_SECONDS = 40
"""When a day at a hundred and twenty times the pace has counters that are open and people who wait."""

PRINTED = {"queue", "method", "dashboard"}
"""Of these, the pages that people print."""

Tour = Callable[[DemoPortal, Page, Camera], Awaitable[None]]


async def take_open_pages(_portal: DemoPortal, page: Page, camera: Camera) -> None:
    """What anyone sees."""
    await _take(page, camera, OPEN_PAGES)
    await page.goto("/datos")
    await camera.shoot(page, "data", on_paper=True)
    await _take(page, camera, OPEN_DATA)


async def take_booking(portal: DemoPortal, page: Page, camera: Camera) -> None:
    """From whom the appointment is for to its confirmation."""
    await portal.sign_in(page, portal.curps[0])
    await page.goto("/citas/quien")
    if page.url.endswith("/quien"):  # those who book for their family too
        await camera.shoot(page, "booking-person")
        await _choose(page)
    await camera.shoot(page, "booking-reason")
    await _choose(page)
    await camera.shoot(page, "booking-unit")
    await _go_on(page)
    await camera.shoot(page, "booking-day")
    await _go_on(page)
    await page.locator("main input[type=radio]").first.check()
    await camera.shoot(page, "booking-time")
    await _go_on(page)
    await camera.shoot(page, "booking-review")
    await _go_on(page)
    await camera.shoot(page, "booking-confirmed", on_paper=True)
    folio = await _folio(page)
    await page.goto(f"/citas/{folio}")
    await camera.shoot(page, "appointment", on_paper=True)
    await page.goto(f"/citas/{folio}/cancelar")
    await camera.shoot(page, "appointment-cancel")


async def take_requests(portal: DemoPortal, page: Page, camera: Camera) -> None:
    """A request that is decided at once, one that a person reviews, and one's own page afterwards."""
    await portal.sign_in(page, portal.curps[1])
    await page.goto("/tramites/weeks/quien")
    await _choose_if_asked(page)
    await page.check("input[name=by_employer][value=yes]")
    await _go_on(page)
    await _go_on(page)
    await camera.shoot(page, "request-approved", on_paper=True)
    await page.goto("/tramites/data-correct/quien")
    await camera.shoot(page, "request-person")
    await _choose_if_asked(page)
    await _go_on(page)
    await camera.shoot(page, "request-error")
    await page.check("input[name=field][value=name]")
    await _go_on(page)
    await page.fill("#second_surname", "Peñaloza")
    await camera.shoot(page, "request-step")
    await _go_on(page)
    await camera.shoot(page, "documents-none")
    await _attach(page, "identification")
    await camera.shoot(page, "documents-one")
    await _attach(page, "birth-certificate")
    await camera.shoot(page, "documents-ready")
    await _press(page.locator("main button[name=next]"))
    await camera.shoot(page, "request-review")
    await _go_on(page)
    await camera.shoot(page, "request-submitted", on_paper=True)
    folio = await _folio(page)
    await page.goto(f"/tramites/{folio}")
    await camera.shoot(page, "request-status", on_paper=True)
    await page.goto("/")
    await camera.shoot(page, "home-signed-in")
    await page.goto("/mi")
    await camera.shoot(page, "account")


async def take_staff(portal: DemoPortal, page: Page, camera: Camera) -> None:
    """The queue, and one request on a desk until the letter is previewed."""
    await portal.sign_in_staff(page, "supervision")
    await _take(page, camera, STAFF)
    await page.goto("/ventanilla/buscar")
    await page.fill("#q", "García")
    await _press(page.get_by_role("button", name="Buscar"))
    await camera.shoot(page, "staff-search")
    await page.goto("/ventanilla/cola?servicio=data-correct&estado=free")
    await _press(page.locator("main td a").last)
    await camera.shoot(page, "case-free")
    await _press(page.get_by_role("button", name="Tomarla"))
    await camera.shoot(page, "case", on_paper=True)
    address = page.url
    await _press(page.get_by_role("link", name="verlo grande").first)
    await camera.shoot(page, "case-document")
    await page.goto(address)
    await _press(page.locator("main button[name=quick]").first)
    await camera.shoot(page, "decide")
    await page.goto(address)
    await _press(page.get_by_role("link", name="Ver a la persona"))
    await camera.shoot(page, "staff-person")


async def take_desk(portal: DemoPortal, page: Page, camera: Camera) -> None:
    """The board of a waiting room, while a clinic's day runs."""
    with portal.live_day("--speed", "120", "--hours", "8-10"):
        await page.goto(f"/pantalla/{clues_of(0)}")
        await asyncio.sleep(BUSY_AFTER_SECONDS)
        await camera.shoot(page, "board")


async def take_administration(portal: DemoPortal, page: Page, camera: Camera) -> None:
    """Accounts of staff, and work that stopped."""
    await portal.sign_in_staff(page, "admin")
    await _take(page, camera, ADMINISTRATION)


async def take_analysis(portal: DemoPortal, page: Page, camera: Camera) -> None:
    """The dashboards and the parameters behind them."""
    await portal.sign_in_staff(page, "analista")
    await _take(page, camera, ANALYSIS)


TOURS: dict[str, Tour] = {
    "open": take_open_pages,
    "booking": take_booking,
    "requests": take_requests,
    "staff": take_staff,
    "desk": take_desk,
    "administration": take_administration,
    "analysis": take_analysis,
}


async def _take(page: Page, camera: Camera, addresses: dict[str, str]) -> None:
    for name, address in addresses.items():
        await page.goto(address)
        await camera.shoot(page, name, on_paper=name in PRINTED)


async def _press(what: Locator) -> None:
    async with what.page.expect_navigation():
        await what.click()


async def _go_on(page: Page) -> None:
    """Press the page's main button."""
    await _press(page.locator("main form button:not([name]):not(.govuk-button--secondary)").first)


async def _choose(page: Page) -> None:
    await page.locator("main input[type=radio]").first.check()
    await _go_on(page)


async def _choose_if_asked(page: Page) -> None:
    """For oneself, where it is asked for whom."""
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
    await _go_on(page)


async def _attach(page: Page, kind: str) -> None:
    await page.set_input_files(f"#file-{kind}", _photo(kind))
    await _press(page.locator(f"button[name=kind][value={kind}]"))


async def _folio(page: Page) -> str:
    return (await page.locator(".v-folio").inner_text()).strip()


def _photo(kind: str) -> FilePayload:
    image = Image.new("RGB", (900, 600), "#f3f6f5")
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 30, 870, 570), outline="#235b4e", width=6)
    draw.text((70, 270), f"DEMO: {kind}", fill="#0b0c0c", font_size=48)
    out = BytesIO()
    image.save(out, "PNG")
    return {"name": f"{kind}.png", "mimeType": "image/png", "buffer": out.getvalue()}
