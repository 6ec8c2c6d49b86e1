"""The day sheet without a connection: a copy, entries that wait on the device, and their merge."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import text

from tests.appointments import factories
from tests.journeys.conftest import World, press
from tests.journeys.sheet import PAGE, SHOTS, Clinic, device, look, make_clinic, prepared, press_row, waiting
from tests.journeys.steps import text_of


@pytest.fixture
async def here(world: World) -> Clinic:
    return await make_clinic(world)


LOST: list[str] = []
"""What became of the entries whose answer was lost."""


async def lose_the_answer(route: Route) -> None:
    """The server has everything, and the device doesn't learn of it; the first time."""
    if LOST:
        await route.continue_()
        return
    answer = await route.fetch()
    LOST.append(await answer.text())
    await route.abort()


async def save_pass(context: BrowserContext) -> None:
    """A pass in the cache of the portal's worker, which is in the browser from a page of citizens."""
    page = await context.new_page()
    await page.goto("/")
    assert (await page.evaluate("navigator.serviceWorker.ready.then(one => one.active.scriptURL)")).endswith(
        "/worker.js"
    )
    await page.evaluate("caches.open('passes').then(store => store.put('/citas/C-1/tarjeta', new Response('')))")
    await page.close()


async def test_work_goes_on_without_a_connection_and_is_merged(chromium: Browser, here: Clinic) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        await save_pass(context)
        page = await prepared(context)
        await look(page, "sheet-online")
        if SHOTS:
            await page.pdf(path=f"{SHOTS}/sheet.pdf", format="Letter")
        await context.set_offline(True)
        await page.reload()
        assert "Celia" in await text_of(page), "the copy"
        assert await page.evaluate("caches.keys()") == ["agenda-assets"], "nothing of citizens stays on a shared device"
        await press_row(page, here.folios[0], "Llegó")
        await press_row(page, here.folios[1], "Llegó")
        await page.get_by_role("button", name="Dar un número").click()
        await expect(page.locator("[data-part=given]")).to_have_text("Turno A-003")
        await page.get_by_role("button", name="Dar un número").click()
        await waiting(page, 4)
        await expect(page.locator("[data-part=status]")).to_contain_text("Sin conexión")
        await look(page, "sheet-offline")
        await page.close()
        page = await context.new_page()
        await page.goto(PAGE)
        await waiting(page, 4)
        assert await here.tickets() == []
        await page.route("**/pendientes", lose_the_answer)
        await context.set_offline(False)
        await waiting(page, 0)
        await expect(page.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        assert LOST, "it was sent twice"
        expected = [("A-001", here.folios[0]), ("A-002", here.folios[1]), ("A-003", None), ("A-004", None)]
        assert await here.tickets() == expected
        await expect(page.locator(f'tr[data-folio="{here.folios[0]}"] [data-part=state]')).to_contain_text("A-001")


async def test_two_devices_with_overlapping_work(chromium: Browser, here: Clinic) -> None:
    async with device(chromium, here.world) as one, device(chromium, here.world) as two:
        pages = []
        for context in (one, two):
            await here.member(context)
            pages.append(await prepared(context))
            await context.set_offline(True)
        first, second = pages
        missed = second.locator(f'tr[data-folio="{here.folios[0]}"] button[value^="missed"]')
        await expect(missed, "they may still come").to_be_hidden()
        await missed.evaluate("button => { button.dataset.after = '2026-01-01T00:00:00Z'; }")
        for page, folios in ((first, here.folios[:2]), (second, here.folios[1:3])):
            for folio in folios:
                await press_row(page, folio, "Llegó")
            await waiting(page, 2)
        await press_row(second, here.folios[0], "No vino")
        await press_row(second, here.folios[3], "Atendida")
        await waiting(second, 4)
        # The later one is sent first.
        for context, page in ((two, second), (one, first)):
            await context.set_offline(False)
            await waiting(page, 0)
        expected = [("A-001", here.folios[0]), ("A-002", here.folios[1]), ("A-022", here.folios[2])]
        assert await here.tickets() == expected
        await second.get_by_role("button", name="Enviar ahora").click()
        await expect(second.get_by_role("heading", name="Dos números de la misma persona")).to_be_visible()
        text = await text_of(second)
        assert "A-021 se juntó con A-002" in text
        assert "Esa persona sí vino" in text
        await look(second, "sheet-conflict")
        await press(second.get_by_role("button", name="Ya se resolvió"))
        assert "Esa persona sí vino" not in await text_of(second)


async def test_what_waits_outlives_the_session_and_is_sent_for_its_unit_only(chromium: Browser, here: Clinic) -> None:
    async with here.world.transaction() as session:
        elsewhere = await factories.unit(session, name="UMF 9 Norte")
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await press_row(page, here.folios[2], "Llegó")
        await waiting(page, 1)
        await context.clear_cookies(name="ventanilla")
        await context.set_offline(False)
        await expect(page.locator("[data-part=status]")).to_contain_text("Su sesión terminó")
        await waiting(page, 1)
        await here.member(context, elsewhere.id)
        other = await context.new_page()
        await other.goto(PAGE)
        await expect(other.locator("[data-part=others]")).to_contain_text("De otra unidad")
        await press(other.get_by_role("button", name="Salir", exact=True))
        assert await here.tickets() == []
        await here.member(context)
        await other.goto(PAGE)
        await expect(other.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        await waiting(other, 0)
        assert await here.tickets() == [("A-001", here.folios[2])]


async def test_the_copy_is_deleted_at_sign_out_and_for_another_person_and_after_the_day(
    chromium: Browser, here: Clinic
) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await press_row(page, here.folios[0], "Llegó")
        await waiting(page, 1)
        assert "Celia" not in await stored(page), "it is encrypted"
        await context.set_offline(False)
        await waiting(page, 0)
        await press(page.get_by_role("button", name="Salir", exact=True))
        await context.set_offline(True)
        await page.goto(PAGE)
        assert "no tiene copia" in await page.inner_text("body")
        await context.set_offline(False)
        await here.member(context)
        await page.goto(PAGE)
        await expect(page.locator("[data-part=copy]")).to_contain_text("Última copia")
        # Someone begins to sign in at the same device.
        await context.clear_cookies(name="ventanilla")
        await page.goto("/ventanilla/entrar")
        await page.get_by_label("Usuario").fill("otra")
        await press(page.locator("main form button").first)
        await context.set_offline(True)
        await page.goto(PAGE)
        assert "no tiene copia" in await page.inner_text("body")
        await context.set_offline(False)
        await here.member(context)
        await page.goto(PAGE)
        await expect(page.locator("[data-part=copy]")).to_contain_text("Última copia")
        await page.wait_for_load_state("networkidle")
        await page.goto("/ventanilla")
        await page.evaluate(EXPIRE)
        await context.set_offline(True)
        await page.goto(PAGE)
        assert "no tiene copia" in await page.inner_text("body")


async def test_who_signs_out_without_a_connection_is_signed_out_when_it_is_back(
    chromium: Browser, here: Clinic
) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await context.set_offline(True)
        await press(page.get_by_role("button", name="Salir", exact=True))
        assert "todavía no se pudo cerrar" in await page.inner_text("h1")
        await page.goto(PAGE)
        assert "todavía no se pudo cerrar" in await page.inner_text("h1"), "nor is a copy left"
        await context.set_offline(False)
        await page.goto(PAGE)
        assert "/entrar" in page.url
        await here.member(context)
        await page.goto(PAGE)
        await expect(page.locator("[data-part=status]")).to_contain_text("En línea")


async def test_what_was_not_sent_is_said_after_signing_out_and_in(chromium: Browser, here: Clinic) -> None:
    async with here.world.transaction() as session:
        elsewhere = await factories.unit(session, name="UMF 12 Oriente")
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        await page.goto("/ventanilla")
        await expect(page.locator("[data-unsent]")).to_be_hidden()
        await page.goto(PAGE)
        await page.route("**/pendientes", refuse)
        await press_row(page, here.folios[3], "Llegó")
        await waiting(page, 1)
        await press(page.get_by_role("button", name="Salir", exact=True))
        notice = page.locator("[data-unsent]")
        await expect(notice).to_contain_text("Hay anotaciones por enviar en este dispositivo: 1. No se pierden")
        await look(page, "unsent-signed-out")
        await here.member(context, elsewhere.id)
        await page.goto("/ventanilla")
        await expect(notice).to_contain_text("De otra unidad, por enviar cuando entre alguien de ella: 1")
        assert await notice.get_by_role("link").count() == 0
        await here.member(context, here.unit.id, elsewhere.id)
        await page.goto("/ventanilla")
        await expect(notice).to_contain_text("Hay anotaciones por enviar en este dispositivo: 1")
        await look(page, "unsent-signed-in")
        await page.unroute("**/pendientes")
        await notice.get_by_role("link", name="Abra la hoja del día").click()
        await waiting(page, 0)
        await expect(page.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        assert await here.tickets() == [("A-001", here.folios[3])]
        await page.goto("/ventanilla")
        await expect(page.locator("[data-unsent]")).to_be_hidden()


async def refuse(route: Route) -> None:
    """The server takes no entries."""
    await route.fulfill(status=503, body="")


async def test_what_a_device_without_a_connection_refuses(chromium: Browser, here: Clinic) -> None:
    """A second number by a double click, to be given up with work to send, and to pass for another sheet."""
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        by_clues = f"{PAGE}?unidad={here.unit.clues.lower()}"
        await page.goto(by_clues)
        await expect(page.locator("[data-part=status]")).to_contain_text("En línea")
        assert await page.locator("[data-part=other-sheet]").inner_text() == "", "it came from the server for this"
        await context.set_offline(True)
        await page.goto(by_clues)
        await expect(page.locator("[data-part=status]")).to_contain_text("Sin conexión")
        assert await page.locator("[data-part=other-sheet]").inner_text() == "", "its copy is of this unit"
        await page.goto(f"{PAGE}?unidad={here.unit.id}")
        await expect(page.locator("[data-part=status]")).to_contain_text("Sin conexión")
        assert await page.locator("[data-part=other-sheet]").inner_text() == ""
        await page.get_by_role("button", name="Dar un número").dblclick()
        await waiting(page, 1)
        assert await page.locator("[data-part=kept]").inner_text() == ""
        await page.get_by_role("button", name="No usar este dispositivo").click()
        await expect(page.locator("[data-part=kept]")).to_contain_text("por enviar")
        await page.goto(f"{PAGE}?dia=2026-01-05&consultorio=2")
        await expect(page.locator("[data-part=other-sheet]")).to_contain_text("no es la hoja que pidió")
        await page.goto(PAGE)
        await waiting(page, 1)
        assert await page.locator("[data-part=other-sheet]").inner_text() == ""
        await page.goto(f"{PAGE}?consultorio=2")
        await expect(page.locator("[data-part=other-sheet]")).to_contain_text("no es la hoja que pidió")
        await context.set_offline(False)
        await expect(page.locator("#consultorio"), "the sheet of the address").to_have_value("2")
        await expect(page.locator("[data-part=status]")).to_contain_text("Todo está enviado")
        await waiting(page, 0)
        assert await page.locator("[data-part=kept]").inner_text() == ""
        assert await page.locator("[data-part=other-sheet]").inner_text() == ""
        assert len(await here.tickets()) == 1


async def test_a_refused_check_in_takes_its_number_off_the_page(chromium: Browser, here: Clinic) -> None:
    async with device(chromium, here.world) as context:
        await here.member(context)
        page = await prepared(context)
        async with here.world.transaction() as session:
            closed = text("UPDATE appointment SET affected = 'leave' WHERE folio = :folio")
            await session.execute(closed, {"folio": here.folios[3]})
        await press_row(page, here.folios[3], "Llegó")
        await expect(page.locator("[data-part=given]")).to_contain_text("No se pudo registrar")
        await waiting(page, 0)
        assert await here.tickets() == []


STORED = """() => new Promise((done) => {
    const asked = indexedDB.open("agenda", 1);
    asked.onsuccess = () => {
        const change = asked.result.transaction(["single", "entries", "ranges"]);
        const all = ["single", "entries", "ranges"].map((name) => change.objectStore(name).getAll());
        change.oncomplete = () => done(all.map((one) => one.result.map((row) => JSON.stringify(row, (_key, value) =>
            value instanceof ArrayBuffer ? new TextDecoder("latin1").decode(value) : value)).join()).join());
    };
})"""
"""Everything that the device has stored, as text."""
EXPIRE = """() => new Promise((done) => {
    const asked = indexedDB.open("agenda", 1);
    asked.onsuccess = () => {
        const change = asked.result.transaction("single", "readwrite");
        const found = change.objectStore("single").get("copy");
        found.onsuccess = () => change.objectStore("single").put({...found.result, until: Date.now() - 5000}, "copy");
        change.oncomplete = done;
    };
})"""
"""The day of the copy ends."""


async def stored(page: Page) -> str:
    found: str = await page.evaluate(STORED)
    assert '"iv"' in found
    assert "check-in" in found
    return found
