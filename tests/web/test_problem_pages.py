"""Pages of problems: the person who is signed in stays so; they are shown though the database can't be read."""

import re
import time

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import db as kernel_db
from app.kernel.actor import Role
from app.kernel.problems import Conflict, Forbidden, Gone, NotFound, Problem, TooManyRequests, Unavailable
from tests.conftest import Database
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser
from tests.web.tabs import new_client

PROBLEMS: dict[int, type[Problem] | type[RuntimeError]] = {
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    429: TooManyRequests,
    500: RuntimeError,
    503: Unavailable,
}
UNREACHABLE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def failing(app: FastAPI) -> FastAPI:
    """The portal with an address for each kind of problem."""

    @app.get("/falla/{status}")
    async def fail(status: int) -> None:
        raise PROBLEMS[status]

    return app


async def named_citizen(app: FastAPI, scene: Scene) -> Browser:
    browser = await new_client(app, scene.db, person_id=scene.ana.id)
    await browser.get("/mi")  # which remembers the name
    return browser


@pytest.mark.parametrize("status", PROBLEMS)
async def test_staff_stay_signed_in_on_a_problem(failing: FastAPI, scene: Scene, status: int) -> None:
    officer = await steps.hire(scene, Role.OFFICER)
    browser = await new_client(failing, scene.db, staff_id=officer.staff_id)
    await browser.get("/ventanilla")
    header = _frame(browser)
    assert {"Mi trabajo", "La cola", "Salir"} <= set(header)
    answer = await browser.get(f"/falla/{status}")
    assert answer.status_code == status
    assert _frame(browser) == header
    assert 'href="/ventanilla"' in browser.html[browser.html.find("<main") :]
    assert (await browser.send("/ventanilla/salir")).headers["location"] == "/ventanilla/entrar"


@pytest.mark.parametrize("status", PROBLEMS)
async def test_a_citizen_stays_signed_in_on_a_problem(failing: FastAPI, scene: Scene, status: int) -> None:
    browser = await named_citizen(failing, scene)
    answer = await browser.get(f"/falla/{status}")
    assert answer.status_code == status
    assert scene.ana.given_names in _frame(browser)
    assert {"Mi cuenta", "Cerrar sesión"} <= set(_frame(browser))
    await browser.get("/ventanilla/no-existe")
    assert scene.ana.given_names in _frame(browser)
    assert "Mi trabajo" not in browser.html


async def test_a_refused_form_says_who_is_signed_in(app: FastAPI, scene: Scene) -> None:
    """The refusal rolled back the transaction in which the session was found."""
    analyst = await steps.hire(scene, Role.ANALYST)
    browser = await new_client(app, scene.db, staff_id=analyst.staff_id)
    await browser.get("/ventanilla")
    assert (await browser.get("/ventanilla/cola")).status_code == 403
    assert "Mi trabajo" in _frame(browser)
    answer = await browser.client.post("/ventanilla/cola/siguiente", data={"csrf": browser.hidden("csrf")})
    assert answer.status_code == 403
    assert "v-header__who--staff" in answer.text


@pytest.mark.parametrize("status", [500, 503])
async def test_a_problem_is_shown_though_the_database_is_unreachable(
    failing: FastAPI, scene: Scene, status: int
) -> None:
    browser = await named_citizen(failing, scene)
    kernel_db.configure(UNREACHABLE)
    answer = await browser.get(f"/falla/{status}")
    assert answer.status_code == status
    assert "<h1" in browser.html
    assert scene.ana.given_names not in browser.html


async def test_a_problem_does_not_wait_for_a_database_that_does_not_answer(failing: FastAPI, scene: Scene) -> None:
    browser = await named_citizen(failing, scene)
    async with scene.db.transaction() as session:
        await session.execute(text("LOCK TABLE web_session IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        answer = await browser.get("/falla/500")
        assert time.monotonic() - began < 20
    assert answer.status_code == 500
    assert "<h1" in browser.html


async def test_the_refusal_reads_well_in_english(failing: FastAPI, db: Database) -> None:
    browser = await new_client(failing, db)
    await browser.get("/en/falla/403")
    assert "You don't have permission to do this If you need it for your work, ask your supervisor." in browser.text


def _frame(browser: Browser) -> list[str]:
    """The words above the page, in their order."""
    header = browser.html[browser.html.find("<header") : browser.html.find("</header>")]
    return re.sub(r"<[^>]+>", "\n", header).split("\n")
