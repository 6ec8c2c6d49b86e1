"""One portal for all browser tests (they are one group), with people who can sign in; a page as a phone shows it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Account
from app.identity.service.sessions import start_session
from app.kernel import clock
from app.kernel import db as kernel_db
from app.kernel.actor import Assurance
from app.places.models import Unit
from app.registry.models import Dependant, Person
from scripts.browser import headless_shell
from tests.appointments import factories
from tests.conftest import clone, drop
from tests.portal import Portal, free_port, running
from tests.requests.actors import picture

CURP, CHILD = "GOAL661013MTCNGZ06", "AACD970228HMSLSG09"
NSS, POSTAL_CODE = "01159700408", "62000"
SECONDS = 30


@dataclass(frozen=True)
class World:
    """The portal, its database, and the people in it. `other_port`: of another origin, whose pages may call the API."""

    portal: Portal
    url: URL
    luz: Person
    dan: Person
    unit: Unit
    other_port: int

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """For what someone else does meanwhile."""
        kernel_db.configure(self.url.render_as_string(hide_password=False))
        async with kernel_db.transaction() as session:
            yield session
        await kernel_db.disconnect()

    async def come_in(self, context: BrowserContext, who: Person | None = None, staff_id: UUID | None = None) -> None:
        """A session for this person, as after the code: each of them is asked for a code only so often."""
        async with self.transaction() as session:
            person_id = None if staff_id else (who or self.luz).id
            _row, token = await start_session(session, person_id=person_id, staff_id=staff_id, assurance=Assurance.FULL)
        await context.add_cookies([{"name": "ventanilla", "value": token, "url": self.portal.address}])


@pytest.fixture(scope="package")
def journey_url(worker_name: str) -> Iterator[URL]:
    url = clone(f"journey_{worker_name}")
    yield url
    drop(url)


@pytest.fixture(scope="package")
async def world(journey_url: URL, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A clinic with a week of times in two rooms, a citizen with an account, and someone who comes the first time."""
    kernel_db.configure(journey_url.render_as_string(hide_password=False))
    async with kernel_db.transaction() as session:
        unit = await factories.unit(session, name="UMF 27 Centro")
        tomorrow = clock.today(unit.timezone) + timedelta(days=1)
        luz = await factories.person(session, unit)
        luz.curp, luz.given_names, luz.first_surname = CURP, "Luz", "González"
        dan = await factories.person(session, unit, birth_on=date(2017, 2, 28))
        dan.curp, dan.nss, dan.postal_code, dan.given_names = CHILD, NSS, POSTAL_CODE, "Dante"
        session.add(Dependant(holder_id=luz.id, person_id=dan.id, kinship="child", starts_on=date(2020, 1, 1)))
        session.add(
            Account(
                person_id=luz.id,
                curp=CURP,
                email="luz@ejemplo.mx",
                language="es",
                created_at=clock.now(),
                assurance="full",
            )
        )
        for room in (1, 2):  # from tomorrow: what is booked can be moved and cancelled, whatever the hour of the test
            await factories.schedule(session, unit, room=room, slot_minutes=15, horizon_days=12, valid_from=tomorrow)
    await kernel_db.disconnect()
    log, port = tmp_path_factory.mktemp("portal") / "log", free_port()
    origin = f"http://127.0.0.1:{port}"
    with running(journey_url, log, HORIZON_DAYS="12", SESSION_IDLE_MINUTES="20", API_ORIGINS=origin) as portal:
        yield World(portal, journey_url, luz, dan, unit, port)


@asynccontextmanager
async def started(program: str | None) -> AsyncIterator[Browser]:
    assert program, "the browser tests need Chromium: run `make browser`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """Chromium of the distribution."""
    async with started(headless_shell()) as browser:
        yield browser


@pytest.fixture
async def phone(chromium: Browser, world: World) -> AsyncIterator[BrowserContext]:
    """A visitor on a phone without JavaScript."""
    context = await chromium.new_context(
        java_script_enabled=False, base_url=world.portal.address, locale="es-MX", viewport={"width": 360, "height": 740}
    )
    context.set_default_timeout(SECONDS * 1000)
    yield context
    await context.close()


@pytest.fixture
async def screen(chromium: Browser, world: World) -> AsyncIterator[BrowserContext]:
    """A very small screen, with JavaScript, which axe needs."""
    context = await chromium.new_context(viewport={"width": 320, "height": 800}, base_url=world.portal.address)
    context.set_default_timeout(SECONDS * 1000)
    yield context
    await context.close()


async def codes(context: BrowserContext) -> list[str]:
    """The messages with a code on the development mail page, newest first."""
    page = await context.new_page()
    await page.goto("/desarrollo/correo")
    texts = [await article.inner_text() for article in await page.locator("article").all()]
    await page.close()
    return [text for text in texts if "Su código:" in text]


async def new_code(context: BrowserContext, before: int) -> str:
    """The next message with a code that arrives after `before` of them."""
    for _ in range(SECONDS * 5):
        texts = await codes(context)
        if len(texts) > before:
            return texts[0]
        await asyncio.sleep(0.2)
    raise AssertionError("no code arrived")


async def go_on(page: Page) -> None:
    """Press the page's main button."""
    await press(page.locator("main form button:not([name]):not(.govuk-button--secondary)").first)


async def press(what: Locator) -> None:
    """Click, and wait for the page it leads to: the next line must not look at the old one."""
    async with what.page.expect_navigation():
        await what.click()


async def sign_in(page: Page, *, curp: str = CURP, sign_in_path: str = "/citas/identidad") -> None:
    """CURP and code, through a door."""
    before = len(await codes(page.context))
    await page.goto(sign_in_path)
    await page.fill("input[name=identifier]", curp)
    await go_on(page)
    found = re.search(r"\b\d{6}\b", await new_code(page.context, before))
    assert found
    await page.fill("input[name=code]", found.group())
    await go_on(page)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "acta de nacimiento.png"
    path.write_bytes(picture(size=200))
    return path
