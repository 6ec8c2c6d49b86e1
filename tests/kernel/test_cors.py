"""Browser programs of other origins: those that are named, the API alone, and every refusal."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Route
from starlette.types import ASGIApp

from app.kernel.http.cors import Cors
from app.kernel.origins import parse_origins
from app.main import create_app
from app.settings import PortalSettings
from tests.conftest import Database

APP, OTHER = "https://app.example.mx", "https://evil.example"
ALLOWED = "Access-Control-Allow-Origin"


def _client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


@pytest.fixture
async def portal(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(Cors(app, origins=parse_origins(f"{APP}, http://127.0.0.1:5173"))) as client:
        yield client


def _preflight(method: str, origin: str = APP) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key,if-match",
    }


async def test_a_program_of_a_named_origin_reads_the_api(portal: httpx.AsyncClient) -> None:
    for origin in (APP, "http://127.0.0.1:5173"):
        answer = await portal.get("/api/v1/services", headers={"Origin": origin})
        assert (answer.status_code, answer.headers[ALLOWED]) == (200, origin)
        assert {"etag", "link", "location", "retry-after", "ratelimit", "idempotency-replayed"} <= {
            name.strip().lower() for name in answer.headers["Access-Control-Expose-Headers"].split(",")
        }
        assert {"Origin", "Accept-Language"} <= {one.strip() for one in answer.headers["Vary"].split(",")}
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [OTHER, "null", f"{APP}.evil.example", f"{APP}:8443", APP.upper(), "*", ""])
async def test_no_other_origin_does(portal: httpx.AsyncClient, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await portal.request(method, "/api/v1/services", headers=_preflight("GET", origin))
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "Origin" in answer.headers["Vary"]


async def test_pages_are_for_no_other_origin(portal: httpx.AsyncClient) -> None:
    for path in ("/ayuda", "/en/ayuda", "/health/live", "//api/v1/services"):
        for method in ("GET", "OPTIONS"):
            answer = await portal.request(method, path, headers=_preflight("GET"))
            assert ALLOWED not in answer.headers, path


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/requests/R-1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/api/v1/requests/R-1/submit", "OPTIONS, POST"),
        ("/api/v1/units/any/board/events", "GET, HEAD, OPTIONS"),
        ("/api/v1/openapi.json", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_preflight_is_answered_with_the_methods_there_are(
    portal: httpx.AsyncClient, path: str, methods: str
) -> None:
    answer = await portal.options(path, headers=_preflight("POST"))
    assert (answer.status_code, answer.content, answer.headers["Allow"]) == (204, b"", methods)
    assert answer.headers["Access-Control-Allow-Methods"] == methods
    taken = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "if-match", "prefer"} <= taken


async def test_refusals_can_be_read_as_well(db: Database) -> None:
    made = create_app(PortalSettings(api_origins=APP, request_limit_per_minute=3))

    @made.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError

    async with _client(made) as portal:
        refused = [
            await portal.get("/api/v1/broken", headers={"Origin": APP}),
            await portal.post("/api/v1/enrolments", content=b"x" * 2_000_000, headers={"Origin": APP}),
            await portal.get("/api/v1/me", headers={"Origin": APP}),
            await portal.get("/api/v1/services", headers={"Origin": APP}),
        ]
        assert [one.status_code for one in refused] == [500, 413, 401, 429]
        assert {one.headers[ALLOWED] for one in refused} == {APP}
        assert (await portal.options("/api/v1/services", headers=_preflight("GET"))).status_code == 204


async def test_it_is_off_unless_it_is_set(client: httpx.AsyncClient) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await client.request(method, "/api/v1/services", headers=_preflight("GET"))
        assert answer.is_success
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "Origin" not in answer.headers.get("Vary", "")


async def test_options_and_head_on_every_path(app: FastAPI, client: httpx.AsyncClient) -> None:
    """By the routes alone: no token, no limit, and nothing read."""
    paths: dict[str, set[str]] = {}
    for route in app.routes:
        if isinstance(route, Route | APIRoute) and "{" not in route.path:
            paths.setdefault(route.path, set()).update(route.methods or ())
    assert len(paths) > 150
    for path, methods in paths.items():
        answer = await client.options(path)
        wanted = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
        assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (204, wanted), path
        assert "RateLimit" not in answer.headers
    assert (await client.options("/api/v1/schedules/1")).headers["Accept-Patch"].startswith("application/merge-patch")
    for path in ("/api/v1/nothing", "/nothing"):
        assert (await client.options(path)).status_code == 404
    for path in ("/api/v1/services", "/api/v1/units", "/api/v1/openapi.json", "/api/v1/me"):
        read, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (read.status_code, b"")
        assert head.headers.get("ETag") == read.headers.get("ETag")


async def test_the_openapi_document_is_not_sent_again(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/openapi.json", headers={"Accept-Language": "en"})
    known = {"If-None-Match": answer.headers["ETag"]}
    for language in ("es", "en"):
        same = await client.get("/api/v1/openapi.json", headers=known | {"Accept-Language": language})
        assert (same.status_code, same.content) == (304, b"")
    assert (answer.json()["openapi"], answer.headers["Cache-Control"]) == ("3.1.0", "public, max-age=300")


@pytest.mark.parametrize(
    "written",
    ["*", "null", "app.example.mx", f"{APP}/", "https://*.example.mx", "https://App.example.mx", f"{APP}:443"],
)
def test_a_setting_that_is_no_exact_origin_is_refused(written: str) -> None:
    for text in (written, f"{APP}, {written}"):
        with pytest.raises(ValueError, match="must be origins"):
            parse_origins(text)


@pytest.mark.parametrize("written", ["http://app.example.mx", "http://10.0.0.5:8080"])
def test_a_program_of_another_machine_is_encrypted(written: str) -> None:
    with pytest.raises(ValueError, match="https://"):
        parse_origins(written)


@given(st.lists(st.sampled_from([APP, "http://localhost:3000", "https://[2001:db8::1]:8443", " ", ""])))
def test_origins_are_those_of_the_list(listed: list[str]) -> None:
    assert parse_origins(",".join(listed)) == {one for one in listed if one.strip()}
