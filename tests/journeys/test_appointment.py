"""Someone with a cheap phone books an appointment, moves it and cancels it: no JavaScript, 360 points wide."""

from datetime import datetime

from playwright.async_api import Browser, BrowserContext
from sqlalchemy import text

from tests.appointments import factories
from tests.journeys.conftest import World, go_on, press, sign_in
from tests.journeys.steps import book, cancel, choose, to_the_times


async def test_book_move_and_cancel(phone: BrowserContext) -> None:
    page = await phone.new_page()
    await page.goto("/")
    await press(page.get_by_role("link", name="Pedir una cita"))
    await press(page.get_by_role("button", name="Empezar"))
    await sign_in(page)
    folio = await book(page)
    assert "Su cita está reservada" in await page.locator("h1").inner_text()
    before = await page.locator(".v-confirmed").inner_text()

    await page.goto(f"/citas/{folio}")
    await press(page.get_by_role("button", name="Mover a otro horario"))
    assert "se conserva hasta que confirme" in await page.locator("main").inner_text()
    await choose(page, 1)
    await choose(page)
    await press(page.get_by_role("button", name="Mover mi cita a este horario"))
    assert "Su cita se movió" in await page.locator("h1").inner_text()
    after = await page.locator(".v-confirmed").inner_text()
    assert before != after
    assert (await page.locator(".v-folio").inner_text()).strip() == folio

    await cancel(page, folio)
    main = await page.locator("main").inner_text()
    assert "Esta cita está cancelada" in main
    assert [event in main for event in ("Cita reservada", "Cita movida", "Cita cancelada")] == [True, True, True]

    await page.get_by_text("Díganos cómo le fue").click()
    await page.get_by_label("Llamar por teléfono").check()
    await page.get_by_label("4", exact=True).check()
    await press(page.get_by_role("button", name="Enviar opinión"))
    main = await page.locator("main").inner_text()
    assert ("Gracias por su opinión" in main, "Opinión" in main, "Cita cancelada" in main) == (True, False, True)


async def test_in_english_every_page_is_english(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await book(page, "/en")
    assert await page.locator("html").get_attribute("lang") == "en"
    assert "Your appointment is booked" in await page.locator("h1").inner_text()
    await cancel(page, folio, "/en")
    assert "This appointment is cancelled" in await page.locator("main").inner_text()


async def test_one_appointment_a_service_is_said_before_times_are_shown(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await book(page)
    await page.goto("/citas/quien")
    await choose(page)
    await choose(page)
    assert "Ya tiene una cita de este servicio" in await page.locator("main").inner_text()
    await cancel(page, folio)


async def test_a_time_another_person_took_is_answered_with_the_nearest(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    await to_the_times(page)
    await go_on(page)
    chosen = page.locator("main input[type=radio]").nth(4)  # the first may be one that this person freed
    moment, _bar, room = str(await chosen.get_attribute("value")).partition("|")
    async with world.transaction() as session:
        other = await factories.person(session, world.unit)
        # A seat that this citizen freed in another test is offered to no one else for a while.
        await session.execute(text("UPDATE seat SET free_from = 'epoch', freed_by = NULL"))
        where = factories.place(world.unit, datetime.fromisoformat(moment), room=int(room))
        await factories.held(session, factories.citizen(other), other, where)
    await chosen.check()
    await go_on(page)
    assert "Ese horario ya no está libre" in await page.locator("main").inner_text()
    await press(page.locator("button[name=time]").first)
    assert page.url.endswith("/citas/revisar")


async def test_the_confirmation_on_paper(chromium: Browser, world: World) -> None:
    """What reception is shown: the name of the site, black on white, the whole width, nothing to press."""
    context = await chromium.new_context(base_url=world.portal.address, viewport={"width": 720, "height": 960})
    await world.come_in(context)
    page = await context.new_page()
    folio = await book(page)
    await page.emulate_media(media="print")
    for hidden in (".v-sections", ".v-footer", "a[hreflang]", "a[href$='.ics']", "a[href*='openstreetmap']"):
        assert not await page.locator(hidden).first.is_visible(), hidden
    for shown in (".v-qr svg", ".v-folio"):
        assert await page.locator(shown).is_visible(), shown
    for black_on_white in (".v-header__name", ".v-confirmed"):
        colours = await page.locator(black_on_white).evaluate(
            "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
        )
        assert colours == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"], black_on_white
    panel = await page.locator(".v-confirmed").bounding_box()
    assert panel is not None
    assert panel["width"] > 0.9 * 720
    assert await page.evaluate("document.documentElement.scrollHeight") <= 960, "one sheet"
    await page.emulate_media(media="screen")
    await cancel(page, folio)
    await context.close()


async def test_the_calendar_file_is_a_calendar(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await book(page)
    answer = await phone.request.get(f"/citas/{folio}/cita.ics")
    text = await answer.text()
    assert (answer.status, answer.headers["content-type"]) == (*(200, "text/calendar; method=REQUEST; charset=utf-8"),)
    assert ("BEGIN:VTIMEZONE" in text, "SEQUENCE:0" in text, "METHOD:REQUEST" in text) == (True, True, True)
    await cancel(page, folio)


async def test_follow_by_folio_and_birth_date(phone: BrowserContext, chromium: Browser, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    folio = await book(page)
    stranger = await chromium.new_context(base_url=world.portal.address, java_script_enabled=False)
    there = await stranger.new_page()
    for year, seen in (("1991", "No encontramos una cita"), ("1990", "UMF 27 Centro")):
        await there.goto("/folio")
        await there.fill("input[name=folio]", folio.lower().replace("-", " "))
        for part, value in (("day", "17"), ("month", "5"), ("year", year)):
            await there.fill(f"input[name=birth-{part}]", value)
        await go_on(there)
        assert seen in await there.locator("main").inner_text()
    assert "Luz" not in await there.content()
    await stranger.close()
    await cancel(page, folio)


async def test_leaving_erases_the_visit(phone: BrowserContext, world: World) -> None:
    await world.come_in(phone)
    page = await phone.new_page()
    await page.goto("/mi")
    await press(page.get_by_role("button", name="Cerrar sesión"))
    assert await phone.cookies() == []
    await page.goto("/mi")
    assert "/entrar" in page.url
