"""Two installations on one host: browsers don't separate cookies by port, so their names do."""

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from app.kernel.actor import Role
from app.kernel.settings import forget_settings
from app.web.browser import cookie_name, device_cookie_name, unit_device_cookie_name, work_cookie_name
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser

Installed = Callable[..., None]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """Makes the portal of this test another installation, by these settings."""

    def give(**given: str) -> None:
        for name, value in given.items():
            monkeypatch.setenv(f"VENTANILLA_{name}", value)
        forget_settings()

    yield give
    monkeypatch.undo()
    forget_settings()


NAMES = (cookie_name, device_cookie_name, unit_device_cookie_name, work_cookie_name)


def test_every_name_is_of_the_installation_and_keeps_its_prefix_over_https(installed: Installed) -> None:
    before = {name() for name in NAMES}
    installed(COOKIE_NAME="ventanilla-8034")
    assert len(before | {name() for name in NAMES}) == 2 * len(NAMES)
    assert cookie_name() == "ventanilla-8034"
    installed(PUBLIC_URL="https://citas.ejemplo.mx")
    assert cookie_name() == "__Host-ventanilla-8034"
    assert device_cookie_name() == "__Host-ventanilla-8034_device"
    assert work_cookie_name() == "ventanilla-8034_work", "the day sheet's script sets it, on any host"


@pytest.mark.parametrize("address", ["http://citas.ejemplo.mx", "https://citas.ejemplo.mx"])
def test_the_names_of_two_installations_are_never_the_same(installed: Installed, address: str) -> None:
    """Whatever each is called: one may be called as the cookies of the other go on."""
    seen: list[str] = []
    for name in ("X", "X-unit", "X-unit-device", "X-device", "X-work", "X-device-unit-device"):
        installed(COOKIE_NAME=name, PUBLIC_URL=address)
        seen += [derived() for derived in NAMES]
    assert len(set(seen)) == len(seen)


async def test_signing_in_at_one_leaves_the_session_at_the_other(
    app: FastAPI, scene: Scene, installed: Installed
) -> None:
    rosa = await steps.hire(scene, Role.RECEPTIONIST)
    page = await signed_in_browser(app, scene.db, staff_id=rosa.staff_id)
    assert (await page.get("/ventanilla")).status_code == 200
    installed(COOKIE_NAME="ventanilla-8034")
    other = await page.client.post("/entrar", data={"identifier": scene.ana.curp})
    assert list(other.cookies) == ["ventanilla-8034"]
    installed(COOKIE_NAME="ventanilla")
    assert (await page.client.get("/ventanilla")).status_code == 200, "still signed in"
    assert set(page.client.cookies) == {"ventanilla", "ventanilla-8034"}


async def test_the_day_sheet_marks_the_device_by_the_name_that_signing_out_looks_for(
    app: FastAPI, scene: Scene, installed: Installed
) -> None:
    installed(COOKIE_NAME="citas-sur")
    rosa = await steps.hire(scene, Role.RECEPTIONIST)
    for marked, cleared in (("ventanilla_work", '"cache", "storage"'), ("citas-sur_work", '"cache"')):
        page = await signed_in_browser(app, scene.db, staff_id=rosa.staff_id)
        page.client.cookies.set("citas-sur", page.client.cookies["ventanilla"])
        await page.get("/ventanilla/agenda")
        assert re.search(r'data-cookie="([^"]*)"', page.html)[1] == "citas-sur_work"  # type: ignore[index] # it is there
        page.client.cookies.set(marked, "1")
        assert (await page.send("/ventanilla/salir")).headers["clear-site-data"] == cleared
