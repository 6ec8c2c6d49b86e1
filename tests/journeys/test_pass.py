"""The pass on a phone: saved by its button, shown without a network, kept true, and deleted on signing out."""

import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import text

from tests.journeys.conftest import SECONDS, World, press
from tests.journeys.inspection import look, printed
from tests.journeys.steps import book, cancel, text_of

STORED = """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async name => [name,
    (await (await caches.open(name)).keys()).map(({url}) => new URL(url).pathname)])))"""
NOTICES = {"/sin-conexion", "/en/sin-conexion"}
ASSET = re.compile(r"/static/[a-z]+-[0-9a-f]{12}\.(css|js|png|svg)")
STATE = """async path => (await (await caches.open("passes")).match(path))?.headers.get("pass-state")"""
COPIED = """async ([path, until, copies]) => {
    const store = await caches.open("passes"), pass = await store.match(path);
    const headers = new Headers(pass.headers), page = await pass.text();
    if (until) headers.set("pass-until", until);
    for (const copy of copies) headers.set("pass-path", copy), await store.put(copy, new Response(page, { headers }));
}"""
FOREIGN = """<title>Premios</title><form method="post" action="%s/salir"><button>Ver</button></form>
<script>document.forms[0].submit()</script>"""
READY = "navigator.serviceWorker.ready.then(({active}) => active.scriptURL)"


async def stored(page: Page) -> tuple[set[str], set[str]]:
    """What Cache Storage has in this browser: the saved passes, and all that is neither of those, an asset of the pages
    by the digest in its name, nor a page that says that there is no network."""
    found: dict[str, list[str]] = await page.evaluate(STORED)
    assert all(name == "passes" or name.startswith("portal-") for name in found), found
    assert len([name for name in found if name.startswith("portal-")]) <= 1, found
    paths = {path for paths in found.values() for path in paths if not ASSET.fullmatch(path)} - NOTICES
    passes = {path for path in found.get("passes", []) if path.endswith("/tarjeta")}
    return passes, paths - passes


async def save(page: Page, folio: str, prefix: str = "") -> None:
    await page.goto(f"{prefix}/citas/{folio}/tarjeta")
    await page.locator("[data-wish=save]").click()
    await expect(page.locator("[data-status]")).to_contain_text("Saved on" if prefix else "Guardada el")


async def opened(phone: BrowserContext, path: str) -> Page:
    """The page at an address in a new tab, as from a bookmark."""
    page = await phone.new_page()
    await page.goto(path)
    return page


def foreign(world: World) -> Callable[[Route], Awaitable[None]]:
    """A page of another site, which sends our form for signing out by itself."""

    async def fulfil(route: Route) -> None:
        await route.fulfill(body=FOREIGN % world.portal.address, content_type="text/html")

    return fulfil


async def test_a_saved_pass_is_there_without_a_network_until_the_person_signs_out(
    chromium: Browser, world: World
) -> None:
    phone = await chromium.new_context(
        base_url=world.portal.address, locale="es-MX", viewport={"width": 360, "height": 740}
    )
    phone.set_default_timeout(SECONDS * 1000)
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await book(page)
    assert (await page.evaluate(READY)).endswith("/worker.js")
    await look(page, "pass-done")
    await page.goto(f"/citas/{folio}/tarjeta")
    await expect(page.locator("[data-wish=save]")).to_be_visible()
    await look(page, "pass-page")
    assert folio in await printed(page)
    assert await stored(page) == (set(), set()), "nothing before it is asked for"
    await save(page, folio)
    await expect(page.locator("[data-status]")).to_be_focused()
    assert await stored(page) == ({f"/citas/{folio}/tarjeta"}, set())

    # A form of another site ends no session, and deletes nothing.
    await phone.route("http://elsewhere.test/", foreign(world))
    page = await opened(phone, "http://elsewhere.test/")
    await page.wait_for_url("**/salir")
    assert "El formulario no llegó desde nuestra página" in await text_of(page)
    assert await stored(page) == ({f"/citas/{folio}/tarjeta"}, set())

    await phone.set_offline(True)
    page = await opened(phone, f"/citas/{folio}/tarjeta")
    assert "Sin conexión. La tarjeta se guardó el" in await text_of(page)
    assert await page.locator("main .v-qr svg").is_visible()
    await look(page, "pass-offline")
    page = await opened(phone, "/tramites")
    content = await page.content()
    assert "csrf" not in content, "the notice is as anyone sees it"
    assert len(re.findall("Luz", content)) == 1, "but for the line of each pass, which says whose it is"
    await look(page, "pass-list-offline")
    await press(page.get_by_role("link", name=re.compile("^Luz.* · Medicina familiar · ")))
    assert folio in await text_of(page)

    # Online, the network has the last word: what was cancelled has no pass, and a session that has ended leads nowhere.
    await phone.set_offline(False)
    await phone.clear_cookies()
    page = await opened(phone, f"/citas/{folio}/tarjeta")
    assert "Entre para ver cómo está su cita ahora" in await text_of(page)
    await look(page, "pass-lapsed")
    await world.come_in(phone)
    page = await opened(phone, f"/citas/{folio}/tarjeta")
    assert "La tarjeta se guardó el" not in await text_of(page)
    await expect(page.locator("[data-wish=remove]")).to_be_visible()
    saved = f"/citas/{folio}/tarjeta"
    await page.evaluate(COPIED, [saved, "", [saved.lower()]])
    await cancel(page, folio)
    assert await settled(page) == set(), "under whatever address: a pass says itself which appointment it is of"

    # What changed is fetched again, and a pass is shown no longer than its day.
    other = await book(page)
    path = f"/citas/{other}/tarjeta"
    await save(page, other, "/en")
    before = await page.evaluate(STATE, path)
    async with world.transaction() as session:
        await session.execute(
            text("UPDATE appointment SET version = version + 1 WHERE folio = :folio"), {"folio": other}
        )
    await page.goto(f"/citas/{other}")
    assert await changed(page, path, before)
    assert await stored(page) == ({path}, set())
    await page.evaluate(COPIED, [path, "2026-01-01T00:00:00-06:00", [path]])
    await phone.set_offline(True)
    page = await opened(phone, path)
    assert other not in await text_of(page)
    assert await stored(page) == (set(), set())
    await phone.set_offline(False)

    # Ten at most. Another person's session deletes them, and so does signing out.
    await save(page, other)
    copies = [f"/citas/C-{number}/tarjeta" for number in range(10)]
    await page.evaluate(COPIED, [path, "", copies])
    await page.locator("[data-wish=remove]").click()
    await expect(page.locator("[data-status]")).to_have_text("Se borró de este teléfono.")
    assert await stored(page) == (set(copies), set())
    await page.locator("[data-wish=save]").click()
    await expect(page.locator("[data-status]")).to_contain_text("Ya hay 10 tarjetas guardadas")
    await look(page, "pass-eleventh")
    await press(page.get_by_role("link", name="Ver las tarjetas guardadas"))
    await expect(page.locator("[data-link]")).to_have_count(10)
    await look(page, "pass-saved")
    await page.locator("[data-remove]").first.click()
    await expect(page.locator("[data-link]")).to_have_count(9)
    await expect(page.locator("[data-status]")).to_be_focused()
    await expect(page.locator("[data-status]")).to_contain_text("Se borró de este teléfono: Luz")
    assert len((await stored(page))[0]) == 9
    await world.come_in(phone, world.dan)
    page = await opened(phone, "/tramites")
    assert await settled(page) == set()
    await world.come_in(phone)
    await save(page, other)
    page = await opened(phone, "/mi")
    await phone.set_offline(True)
    await page.get_by_role("button", name="Cerrar sesión").click()
    await page.wait_for_url("chrome-error://**")
    await phone.set_offline(False)
    page = await opened(phone, "/tramites")
    assert await settled(page) == set(), "also where signing out couldn't reach the server"
    await save(page, other)
    page = await opened(phone, "/mi")
    await press(page.get_by_role("button", name="Cerrar sesión"))
    assert await settled(page) == set()
    await page.evaluate(READY)
    await phone.set_offline(True)
    page = await opened(phone, f"/citas/{other}/tarjeta")
    assert other not in await text_of(page)
    assert "La tarjeta de una cita que guarda en su teléfono" in await text_of(page)
    await look(page, "pass-none-offline")
    await phone.set_offline(False)
    await world.come_in(phone)
    await cancel(page, other)
    await phone.close()


async def changed(page: Page, path: str, before: str) -> bool:
    """Whether the worker fetches a saved pass again, after a page said that it is another by now."""
    for _ in range(SECONDS * 10):
        if await page.evaluate(STATE, path) != before:
            return True
        await page.wait_for_timeout(100)
    return False


async def settled(page: Page) -> set[str]:
    """The saved passes, once the worker has read what the page says of them."""
    for _ in range(SECONDS * 10):
        passes, others = await stored(page)
        assert others == set()
        if not passes:
            break
        await page.wait_for_timeout(100)
    return passes
