"""Sign in: the first time, by the link in the message, with a code from the desk; and staff at their pages."""

import re
from datetime import timedelta

import pyotp
from playwright.async_api import Browser, BrowserContext

from app.identity.service import staff
from app.kernel import clock
from app.kernel.actor import Role, System
from tests.journeys.conftest import CHILD, CURP, NSS, POSTAL_CODE, World, codes, go_on, new_code, press

PASSWORD = "una-contraseña-larga"


async def test_the_first_time(phone: BrowserContext) -> None:
    page = await phone.new_page()
    before = len(await codes(phone))
    await page.goto("/entrar")
    await press(page.get_by_role("link", name="Es mi primera vez"))
    for name, value in (("curp", CHILD), ("nss", NSS), ("postal_code", POSTAL_CODE), ("email", "dante@ejemplo.mx")):
        await page.fill(f"input[name={name}]", value)
    await page.locator("input[name=way][value=email]").check()
    await go_on(page)
    found = re.search(r"\b\d{6}\b", await new_code(phone, before))
    assert found
    await page.fill("input[name=code]", found.group())
    await go_on(page)
    assert page.url.endswith("/mi")
    # What he typed is on a payslip: no name of the registry is shown until he confirms who he is.
    assert "Dante" not in await page.locator("main").inner_text()
    await press(page.get_by_role("link", name="Confirmar quién soy"))
    assert page.url.endswith("/mi/confirmar")


async def test_who_does_not_match_sees_so_and_gets_nothing(phone: BrowserContext) -> None:
    page = await phone.new_page()
    before = len(await codes(phone))
    await page.goto("/entrar/contacto")
    for name, value in (("curp", CHILD), ("nss", NSS), ("postal_code", "99998"), ("email", "otro@ejemplo.mx")):
        await page.fill(f"input[name={name}]", value)
    await page.locator("input[name=way][value=email]").check()
    await go_on(page)
    assert page.url.endswith("/entrar/contacto")
    assert "Uno de los tres datos no coincide" in await page.locator("main").inner_text()
    assert await page.evaluate("document.activeElement.className") == "govuk-error-summary"
    await page.wait_for_timeout(1500)
    assert len(await codes(phone)) == before


async def test_the_link_works_where_it_was_asked_for_and_once(
    phone: BrowserContext, chromium: Browser, world: World
) -> None:
    page = await phone.new_page()
    before = len(await codes(phone))
    await page.goto("/entrar")
    await page.fill("input[name=identifier]", CURP)
    await go_on(page)
    found = re.search(r"http://\S+/entrar/enlace/\S+", await new_code(phone, before))
    assert found
    elsewhere = await chromium.new_context(java_script_enabled=False)
    there = await elsewhere.new_page()
    await there.goto(found.group())
    assert "otro navegador" in await there.locator("main").inner_text()
    await page.goto(found.group())
    await go_on(page)
    assert page.url.endswith("/mi")
    await there.fill("input[name=identifier]", CURP)
    await go_on(there)
    assert "El enlace ya se usó" in await there.locator("main").inner_text()
    await elsewhere.close()


async def test_the_desk_gives_a_code(chromium: Browser, phone: BrowserContext, world: World) -> None:
    async with world.transaction() as session:
        made = await staff.add_staff(
            session,
            System("test"),
            username="ventanilla1",
            full_name="Rosa",
            role=Role.RECEPTIONIST,
            password=PASSWORD,
            unit_ids=[world.unit.id],
        )
    desk = await chromium.new_context(java_script_enabled=False, base_url=world.portal.address)
    page = await desk.new_page()
    await page.goto("/ventanilla")
    await page.fill("input[name=username]", "ventanilla1")
    await page.fill("input[name=password]", PASSWORD)
    await page.fill("input[name=code]", pyotp.TOTP(made.totp_secret).at(clock.now() + timedelta(seconds=1)))
    await go_on(page)
    assert page.url.endswith("/ventanilla")
    await page.goto("/ventanilla/codigo")
    await page.fill("input[name=curp]", CURP)
    await go_on(page)
    found = re.search(r"\b\d{4}\s?\d{4}\b", await page.locator("main").inner_text())
    assert found
    await desk.close()
    here = await phone.new_page()
    await here.goto("/entrar")
    await here.fill("input[name=identifier]", CURP)
    await go_on(here)
    await here.fill("input[name=code]", found.group())
    await go_on(here)
    assert here.url.endswith("/mi")
