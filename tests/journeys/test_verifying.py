"""Someone who was handed a document finds out whether it is ours: by hand, by its QR code, without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page

from app.certificates import service, signing
from app.certificates.models import Certificate
from app.documents import storage
from app.kernel import clock, ids
from app.kernel.settings import forget_settings
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person
from tests.appointments import factories as people
from tests.certificates import factories
from tests.journeys.conftest import World, go_on, press
from tests.journeys.inspection import inspect_at_each_width


def forget() -> None:
    forget_settings()
    storage.store.cache_clear()
    signing.load_key.cache_clear()


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the certificates of this test lie; the portal's server needs only their rows."""
    monkeypatch.setenv("VENTANILLA_DATA_DIR", str(tmp_path))
    forget()
    yield tmp_path
    monkeypatch.undo()
    forget()


async def issued(world: World, **more: Any) -> Certificate:
    """A certificate of someone new, valid for thirty days from today unless it says otherwise."""
    today = clock.today(DEFAULT_ZONE)
    dates = {"issued_on": today.isoformat(), "valid_until": (today + timedelta(days=30)).isoformat()}
    async with world.transaction() as session:
        ana = await people.person(session, world.unit)
        request = factories.request(ana.id, result=factories.result() | dates | more, decided_at=clock.now())
        return await service.issue(session, people.citizen(ana), request, "es")


async def superseded(world: World) -> Certificate:
    """One whose person has had a newer one since."""
    old = await issued(world)
    async with world.transaction() as session:
        newer = factories.request(old.person_id, decided_at=clock.now() + timedelta(seconds=1))
        person = await session.get_one(Person, old.person_id)
        await service.issue(session, people.citizen(person), newer, "es")
    return old


async def ask(page: Page, folio: str, code: str, prefix: str = "") -> str:
    """Type both by hand; what the page says then."""
    await page.goto(f"{prefix}/verificar")
    await page.fill("input[name=folio]", folio)
    await page.fill("input[name=code]", code)
    await go_on(page)
    return await page.locator("main").inner_text()


async def test_by_hand(phone: BrowserContext, world: World, files: Path) -> None:
    made = await issued(world)
    page = await phone.new_page()
    text = await ask(page, made.folio.lower().replace("-", " "), f"{made.code[:5]}-{made.code[5:]}".lower())
    assert await page.locator("h1").inner_text() == "Auténtico y vigente"
    assert [part for part in ("Constancia de vigencia de derechos", "Ana N. P.", made.folio) if part not in text] == []
    assert "Núñez" not in await page.content()
    await press(page.get_by_role("link", name="Comprobar otro documento"))
    assert await page.input_value("input[name=folio]") == ""


async def test_by_its_qr_code(phone: BrowserContext, world: World, files: Path) -> None:
    made = await issued(world)
    page = await phone.new_page()
    await page.goto(f"/en/verificar?f={made.folio}&c={made.code}")
    assert await page.input_value("input[name=folio]") == made.folio
    assert await page.input_value("input[name=code]") == made.code
    await go_on(page)
    assert await page.locator("h1").inner_text() == "Authentic and in force"
    assert "Certificate of rights in force" in await page.locator("main").inner_text()


async def test_one_that_expired_and_one_with_a_newer(phone: BrowserContext, world: World, files: Path) -> None:
    expired, old = await issued(world, valid_until="2020-01-31"), await superseded(world)
    page = await phone.new_page()
    text = await ask(page, expired.folio, expired.code)
    assert await page.locator("h1").inner_text() == "Auténtico, pero ya venció"
    assert "viernes 31 de enero de 2020" in text
    text = await ask(page, old.folio, old.code)
    assert await page.locator("h1").inner_text() == "Auténtico, pero hay uno más reciente"
    assert "Hay uno más reciente desde el" in text


async def test_mistakes_and_forgeries_are_distinguished(phone: BrowserContext, world: World, files: Path) -> None:
    made = await issued(world)
    page = await phone.new_page()
    assert "no es auténtico" in await ask(page, made.folio, "0000000000")
    assert await page.input_value("input[name=folio]") == made.folio
    assert "no es auténtico" in await ask(page, ids.new_folio("K"), made.code)
    assert "tiene un error" in await ask(page, made.folio[:-1], made.code)
    text = await ask(page, "", "")
    assert ("Escriba el folio" in text, "Escriba el código" in text) == (True, True)


@pytest.mark.parametrize("prefix", ["", "/en"])
async def test_every_page_of_it_is_accessible(screen: BrowserContext, world: World, files: Path, prefix: str) -> None:
    page = await screen.new_page()
    await page.goto(f"{prefix}/verificar")
    await inspect_at_each_width(page)
    await ask(page, "", "", prefix)
    await inspect_at_each_width(page, "with mistakes")
    for made in (await issued(world), await issued(world, valid_until="2020-01-31"), await superseded(world)):
        await ask(page, made.folio, made.code, prefix)
        await inspect_at_each_width(page, "an outcome")
