"""Pages of an administrator: what stopped, tried again or discarded; and who has nothing to do there."""

import pyotp
import pytest
from playwright.async_api import Browser, BrowserContext
from sqlalchemy import text

from app.kernel.actor import Role
from app.kernel.ids import new_id
from tests.journeys.conftest import World, press
from tests.journeys.inspection import inspect
from tests.journeys.steps import hire


async def test_an_administrator_sees_what_stopped_and_deals_with_it(chromium: Browser, world: World) -> None:
    event_id = new_id()
    async with world.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO dead_letter_event (consumer, event_id, reason, failed_at)"
                " VALUES ('notifications', :id, 'RuntimeError: no se pudo', now())"
            ),
            {"id": event_id},
        )
    context = await chromium.new_context(viewport={"width": 320, "height": 740}, base_url=world.portal.address)
    await world.come_in(context, staff_id=await hire(world, Role.ADMIN))
    page = await context.new_page()
    await page.goto("/ventanilla")
    await press(page.get_by_role("link", name="Trabajo detenido"))
    main = page.locator("main")
    assert str(event_id) in await main.inner_text()
    assert "no se pudo" in await main.inner_text()
    await inspect(page)
    await press(page.get_by_text("Reintentar", exact=True))
    assert "Se intentará otra vez" in await main.inner_text()
    await press(page.get_by_text("Descartar", exact=True))
    assert "No hay nada detenido" in await main.inner_text()
    await page.goto("/en/ventanilla/pendientes")
    assert "Nothing is stopped" in await main.inner_text()
    await inspect(page)
    for path in ("/ventanilla", "/ventanilla/avisos"):
        await page.goto(path)
        await inspect(page)
    await context.close()


async def test_an_administrator_adds_a_person_who_sets_up_how_they_sign_in(chromium: Browser, world: World) -> None:
    context = await chromium.new_context(viewport={"width": 320, "height": 740}, base_url=world.portal.address)
    await world.come_in(context, staff_id=await hire(world, Role.ADMIN))
    page = await context.new_page()
    await page.goto("/ventanilla")
    await press(page.get_by_role("link", name="Personal", exact=True))
    await inspect(page)
    await press(page.get_by_role("link", name="Dar de alta a una persona"))
    await press(page.get_by_role("button", name="Guardar y ver el enlace"))
    await inspect(page, "adding somebody, with mistakes")
    username = f"maria-{new_id()}"
    await page.fill("input[name=full_name]", "María Ruiz")
    await page.fill("input[name=username]", username)
    await page.check("input[value=officer]")
    await page.check("input[name=all_units]")
    await press(page.get_by_role("button", name="Guardar y ver el enlace"))
    await inspect(page, "the link")
    link = (await page.locator("main code").inner_text()).removeprefix(world.portal.address)
    await press(page.get_by_role("link", name="Volver"))
    await inspect(page, "an account")
    theirs = await (
        await chromium.new_context(viewport={"width": 320, "height": 740}, base_url=world.portal.address)
    ).new_page()
    await theirs.goto(link)
    await inspect(theirs, "setting up")
    secret = (await theirs.locator("main code").inner_text()).replace(" ", "")
    await theirs.fill("input[name=password]", "una frase bastante larga")
    await theirs.fill("input[name=again]", "una frase bastante larga")
    await theirs.fill("input[name=code]", pyotp.TOTP(secret).now())
    await press(theirs.get_by_role("button", name="Guardar"))
    await press(theirs.locator("main").get_by_role("link", name="Entrar"))
    await theirs.fill("input[name=username]", username)
    await theirs.fill("input[name=password]", "una frase bastante larga")
    await theirs.fill("input[name=code]", pyotp.TOTP(secret).now())
    await theirs.get_by_role("button", name="Entrar").dblclick()  # twice: the second finds what the first did
    await theirs.wait_for_url("**/ventanilla")
    await inspect(theirs)
    await theirs.context.close()
    await context.close()


@pytest.mark.parametrize("path", ["/ventanilla/pendientes", "/ventanilla/avisos"])
async def test_another_role_is_forbidden(phone: BrowserContext, world: World, path: str) -> None:
    await world.come_in(phone, staff_id=await hire(world, Role.RECEPTIONIST))
    page = await phone.new_page()
    answer = await page.goto(path)
    assert answer is not None
    assert answer.status == 403
    assert "Su puesto no incluye esta tarea" in await page.locator("main").inner_text()
