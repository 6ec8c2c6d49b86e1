"""Steps that several journeys take."""

import itertools
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page

from app.identity.service import staff
from app.kernel.actor import Role, System
from app.kernel.ids import new_id
from tests.journeys.conftest import World, go_on, press


async def choose(page: Page, number: int = 0) -> None:
    await page.locator("main input[type=radio]").nth(number).check()
    await go_on(page)


async def to_the_times(page: Page, prefix: str = "") -> None:
    await page.goto(f"{prefix}/citas/quien")
    await choose(page)
    await choose(page)
    assert page.url.endswith("/citas/clinica")
    await go_on(page)
    assert page.url.endswith("/citas/dia")


async def book(page: Page, prefix: str = "") -> str:
    await to_the_times(page, prefix)
    await go_on(page)  # the soonest day is already chosen
    await choose(page)
    assert page.url.endswith("/citas/revisar")
    await go_on(page)
    assert page.url.endswith("/citas/listo")
    return (await page.locator(".v-folio").inner_text()).strip()


async def cancel(page: Page, folio: str, prefix: str = "") -> None:
    await page.goto(f"{prefix}/citas/{folio}/cancelar")
    await page.locator("main input[type=radio]").first.check()
    await press(page.locator("main form button.govuk-button--warning"))
    assert page.url.endswith(f"/citas/{folio}")


async def text_of(page: Page) -> str:
    return await page.locator("main").inner_text()


async def attach(page: Page, kind: str, photo: Path) -> None:
    """Attach a file; where there is one already, the form for another is folded."""
    button = page.locator(f"button[name=kind][value={kind}]")
    if not await button.is_visible():
        await page.locator("details", has=button).locator("summary").click()
    await page.set_input_files(f"#file-{kind}", photo)
    async with page.expect_navigation():
        await button.click()


SURNAMES = itertools.cycle(("O'Donnell", "Ñu", "Muñoz", "De la Peña"))


async def file_correction(page: Page, photo: Path, surname: str | None = None) -> str:
    """A correction of data, submitted; its folio. Each asks for another surname: what the registry says by then can't
    be asked for."""
    await page.goto("/tramites/data-correct/quien")
    if await page.locator("input[name=person]").count():
        await page.locator("input[name=person]").first.check()
    await go_on(page)
    await page.check("input[name=field][value=name]")
    await go_on(page)
    await page.fill("#second_surname", surname or next(SURNAMES))
    await go_on(page)
    for kind in ("identification", "birth-certificate"):
        await attach(page, kind, photo)
    await press(page.get_by_role("button", name="Continuar"))
    await go_on(page)
    assert "Recibimos su solicitud" in await text_of(page)
    return (await page.locator(".v-folio").inner_text()).strip()


async def hire(world: World, role: Role, *units: UUID) -> UUID:
    """A member of staff of these units; of every one when none is named."""
    async with world.transaction() as session:
        made = await staff.add_staff(
            session,
            System("test"),
            username=f"{role.value}-{new_id()}",
            full_name="Rosa Díaz",
            role=role,
            password="una frase bastante larga",
            unit_ids=units or None,
        )
    return made.staff_id
