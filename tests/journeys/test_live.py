"""A page that says that it has changed: what is typed, ticked and focused stays, and the link brings it up to date."""

import re

from playwright.async_api import Browser, BrowserContext, Page, expect

from app.kernel.actor import Role, Staff
from app.requests.service import claims
from tests.journeys.conftest import SECONDS, World, go_on, press
from tests.journeys.inspection import look
from tests.journeys.steps import hire, text_of

NOTICE = "[data-live]"
TYPED = "Quiero agregar que fue el martes."


async def complain(page: Page, story: str) -> str:
    """Submit a complaint; its folio."""
    await page.goto("/tramites/complaint")
    await press(page.get_by_role("button", name="Empezar"))
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
        await go_on(page)
    await page.check("input[name=about][value=complaint]")
    await page.fill("textarea[name=story]", story)
    await press(page.get_by_role("button", name="Guardar y continuar"))
    await page.goto(re.sub("/(documentos|paso.*)$", "/revisar", page.url))
    await press(page.get_by_role("button", name="Enviar"))
    return page.url.split("/tramites/")[1].split("/")[0]


async def device(chromium: Browser, world: World, width: int) -> BrowserContext:
    context = await chromium.new_context(
        base_url=world.portal.address, locale="es-MX", viewport={"width": width, "height": 740}
    )
    context.set_default_timeout(SECONDS * 1000)
    return context


async def test_the_person_and_the_officer_see_that_it_changed_and_lose_nothing(chromium: Browser, world: World) -> None:
    phone, desk = await device(chromium, world, 360), await device(chromium, world, 1366)
    await world.come_in(phone)
    staff_id = await hire(world, Role.SUPERVISOR)
    await world.come_in(desk, staff_id=staff_id)
    queue = await desk.new_page()
    page = await phone.new_page()
    folio = await complain(page, "La farmacia estaba cerrada.")
    await queue.goto("/ventanilla/cola")
    await queue.check(f"input[name=folio][value={folio}]")

    await page.goto(f"/tramites/{folio}")
    box = page.locator("textarea[name=message]")
    await box.fill(TYPED)
    await expect(page.locator(NOTICE)).to_be_empty()
    async with world.transaction() as session:
        await claims.claim_one(session, Staff(staff_id, Role.SUPERVISOR, None), folio)
    await expect(page.locator(NOTICE)).to_contain_text("Esta solicitud cambió.")
    await expect(box).to_be_focused()
    await expect(box).to_have_value(TYPED)
    assert "Alguien empezó a atenderla" not in await text_of(page)
    await look(page, "live-request")
    await page.locator(f"{NOTICE} a").click()
    await expect(page.locator("main")).to_contain_text("Alguien empezó a atenderla")
    await expect(page.locator("textarea[name=message]")).to_have_value(TYPED)
    await expect(page.locator(NOTICE)).to_be_empty()
    await press(page.get_by_role("button", name="Enviar mensaje"))
    assert TYPED in await text_of(page)

    # Of the queue, the numbers change by themselves; what came in is named, and the list waits for the link.
    other = await phone.new_page()
    new = await complain(other, "No había vacunas.")
    named = re.compile("solicitud(es)? nuevas? en esta lista")
    await expect(queue.locator(NOTICE)).to_contain_text(named, timeout=SECONDS * 1000)  # every ten seconds at most
    assert await queue.locator(f"input[name=folio][value={new}]").count() == 0
    assert await queue.is_checked(f"input[name=folio][value={folio}]")
    await look(queue, "live-queue")
    await queue.locator(f"{NOTICE} a").click()
    await expect(queue.locator(f"input[name=folio][value={new}]")).to_have_count(1)
    assert await queue.is_checked(f"input[name=folio][value={folio}]")
    await phone.close()
    await desk.close()
