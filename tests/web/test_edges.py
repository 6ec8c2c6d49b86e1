"""What search engines, programs and proxies ask of pages: HEAD, robots.txt, languages, descriptions, dates."""

import re
from datetime import date

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.kernel.i18n import format_day, format_long_day, format_short_day, use_language
from app.kernel.settings import forget_settings
from app.web.rendering import environment

PUBLIC_PAGES = ["/", "/citas", "/tramites", "/tramites/clinic-change", "/folio", "/ayuda", "/privacidad"]
PUBLIC_PAGES += ["/accesibilidad", "/datos", "/datos/metodo", "/datos/descargas", "/datos/api", "/datos/espera"]
PUBLIC_PAGES += ["/pantalla", "/lista-de-espera", "/reparto"]


async def test_head_is_answered_as_get_without_a_body_on_every_route(app: FastAPI, client: httpx.AsyncClient) -> None:
    """Every GET there is; what asks for a sign-in or isn't there is refused the same."""
    paths = {
        re.sub(r"\{[^}]*\}", "00000000-0000-7000-8000-000000000000", route.path)
        for route in app.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    assert len(paths) > 80
    for path in sorted(paths):
        got, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        same = ("content-type", "location", "cache-control", "content-language")
        assert [head.headers.get(name) for name in same] == [got.headers.get(name) for name in same], path


async def test_head_of_what_has_no_get_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.head("/api/v1/holds")).status_code == 405
    said = (await client.delete("/api/v1/holds")).json()
    assert (said["status"], said["type"]) == (405, "/problems/method-not-allowed")


async def test_an_address_that_no_page_has_is_not_found(client: httpx.AsyncClient) -> None:
    for path in ("/static/xx", "/static/theme.css"):
        assert (await client.get(path)).status_code == 404
        page = await client.get(path, headers={"Accept": "text/html"})
        assert (page.status_code, "No encontramos lo que busca" in page.text) == (404, True)


@pytest.mark.parametrize("language", ["", "/en"])
@pytest.mark.parametrize("path", PUBLIC_PAGES)
async def test_a_public_page_has_a_description_and_whole_addresses_in_each_language(
    client: httpx.AsyncClient, path: str, language: str
) -> None:
    html = (await client.get(language + path)).text
    (said,) = re.findall(r'<meta name="description" content="([^"]*)">', html)
    assert 40 <= len(said) <= 400
    assert "noindex" not in html
    found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)">', html))
    base = "http://127.0.0.1:8000"
    own = path.rstrip("/") if path != "/" else "/"
    assert found == {"es": base + own, "en": f"{base}/en{own}", "x-default": base + own}


async def test_descriptions_differ(client: httpx.AsyncClient) -> None:
    found = [re.search(r'name="description" content="([^"]*)"', (await client.get(path)).text) for path in PUBLIC_PAGES]
    assert len({one[1] for one in found if one}) == len(PUBLIC_PAGES)


async def test_a_demonstration_is_not_indexed_and_a_portal_only_where_it_is_public(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "User-agent: *\nDisallow: /\n"
    with monkeypatch.context() as changed:
        changed.setenv("VENTANILLA_ENVIRONMENT", "production")
        changed.setenv("VENTANILLA_DATABASE_URL", "postgresql://x/y")
        changed.setenv("VENTANILLA_PUBLIC_URL", "https://127.0.0.1")
        forget_settings()
        lines = (await client.get("/robots.txt")).text.splitlines()
    forget_settings()
    assert {"Disallow: /mi", "Disallow: /en/mi", "Disallow: /api/", "Disallow: /ventanilla"} <= set(lines)
    closed = [line.removeprefix("Disallow: ") for line in lines[1:]]
    assert not [path for path in PUBLIC_PAGES for start in closed if path.startswith(start)]


def test_english_dates_keep_their_capitals() -> None:
    day = date(2026, 12, 2)
    first = environment().filters["upper_first"]
    with use_language("en"):
        assert first(format_day(day)) == "Wednesday, December 2, 2026"
        assert first(format_long_day(day)) == "December 2, 2026"
        assert first(format_short_day(day)) == "Wednesday, December 2"
