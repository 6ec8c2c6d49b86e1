"""The portal's service worker: its address, the pages that register it, and how it is ended."""

import re

import httpx
import pytest

from app.kernel.settings import forget_settings
from app.web.rendering import static_path

SCRIPT = 'defer data-worker="/worker.js"'


async def test_the_worker_is_at_the_root_and_asked_for_each_time(client: httpx.AsyncClient) -> None:
    answer = await client.get("/worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert 'addEventListener("activate"' in answer.text
    again = await client.get("/worker.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["worker-src"], policy["manifest-src"], policy["script-src"]) == ("'self'", "'self'", "'self'")


async def test_the_version_is_that_of_the_assets(client: httpx.AsyncClient) -> None:
    """A new one installs when any asset of the pages has changed: it may have stored them."""
    found = re.search(
        r'^const VERSION = "([0-9a-f]{12})", portal = {};$', (await client.get("/worker.js")).text, re.MULTILINE
    )
    assert found
    assert static_path("portalworker.js").startswith("/static/portalworker-")


async def test_pages_for_citizens_register_it_and_no_others_do(client: httpx.AsyncClient) -> None:
    for path in ("/", "/en", "/citas", "/entrar", "/datos", "/no-existe"):
        page = await client.get(path, headers={"Accept": "text/html"})
        assert page.text.count(SCRIPT) == 1, path
    for path in (
        "/ventanilla/entrar",
        "/en/ventanilla/entrar",
        "/ventanilla/no-existe",
        "/desarrollo/correo",
        "/pantalla",
    ):
        page = await client.get(path, headers={"Accept": "text/html"})
        assert SCRIPT not in page.text, path


async def test_a_device_prepared_for_the_day_sheet_keeps_that_worker(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers={"Cookie": "ventanilla_work=1"})
    assert SCRIPT not in page.text


async def test_a_worker_that_is_turned_off_ends_itself(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (await client.get("/worker.js")).headers["etag"]
    with monkeypatch.context() as changed:
        changed.setenv("VENTANILLA_SERVICE_WORKER", "false")
        forget_settings()
        ending = await client.get("/worker.js", headers={"If-None-Match": before})
        assert (ending.status_code, "registration.unregister()" in ending.text) == (200, True)
        assert 'addEventListener("fetch"' not in ending.text
        assert SCRIPT not in (await client.get("/")).text
    forget_settings()
