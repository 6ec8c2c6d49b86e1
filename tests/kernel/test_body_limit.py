"""How much may be sent where, and whose security headers an answer carries."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from app.kernel.http import errors, limits
from app.kernel.http.context import RequestContext
from app.kernel.http.limits import FORM_OVERHEAD_BYTES, BodyLimit
from app.kernel.http.middleware import CSP, HEADERS, SecurityHeaders
from app.web.browser import takes_file

PLAIN, FILE = 1_000, 10_000
FORM = FILE + FORM_OVERHEAD_BYTES


@pytest.fixture
async def tiny() -> AsyncIterator[httpx.AsyncClient]:
    """An application of two routes under the edge, with small limits."""
    app = FastAPI()
    render = errors.renderer(None)
    app.add_middleware(BodyLimit, render=render, max_bytes=PLAIN, max_upload_bytes=FILE, takes_file=takes_file)
    app.add_middleware(SecurityHeaders, https=True)
    app.add_middleware(RequestContext, render=render)

    @app.get("/framed")
    async def framed() -> Response:
        own = {"Content-Security-Policy": "sandbox", "X-Frame-Options": "SAMEORIGIN", "Cache-Control": "private"}
        return Response("framed", headers=own)

    @app.post("/fields/documentos")
    async def fields(request: Request) -> dict[str, object]:
        names = list(await request.form())
        return {"fields": names, "limit": request.state.body_too_large}

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def size(request: Request, path: str) -> int:
        return len(await request.body())

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        yield client


class Endless:
    """A body without end, and how many bytes of it were asked for."""

    def __init__(self) -> None:
        self.sent = 0

    async def parts(self) -> AsyncIterator[bytes]:
        while self.sent < 1_000_000:
            self.sent += 500
            yield b"x" * 500


FILES = ["/api/v1/requests/S-1/documents", "/api/v1/documents", "/tramites/S-1/documentos"]
ELSEWHERE = [
    "/api/v1/requests/S-1",
    "/api/v1/requests/S-1/documents/7",
    "/api/v1/requests/S-1/documentos",
    "/api/v2/documents",
    "/tramites/S-1/documents",
    "/tramites/documentos/1",
    "/documentosx",
    "/",
]
PAGE = FILES[-1]
EVERYWHERE = [*((path, FORM) for path in FILES if path != PAGE), *((path, PLAIN) for path in ELSEWHERE)]


@pytest.mark.parametrize(("path", "limit"), EVERYWHERE)
async def test_only_where_files_are_attached_a_body_may_be_as_large_as_a_file(
    tiny: httpx.AsyncClient, path: str, limit: int
) -> None:
    taken = await tiny.post(path, content=b"x" * limit)
    assert (taken.status_code, taken.json()) == (200, limit)
    refused = await tiny.post(path, content=b"x" * (limit + 1))
    assert refused.status_code == 413
    assert refused.json()["max_bytes"] == limit


@pytest.mark.parametrize(("path", "limit"), [(FILES[0], FORM), (ELSEWHERE[0], PLAIN)])
async def test_a_body_that_does_not_say_its_size_is_read_no_further_than_the_limit(
    tiny: httpx.AsyncClient, path: str, limit: int
) -> None:
    body = Endless()
    refused = await tiny.post(path, content=body.parts())
    assert refused.status_code == 413
    assert refused.json()["max_bytes"] == limit
    assert limit < body.sent <= limit + 1_000


@pytest.mark.parametrize(("path", "limit"), [(FILES[0], FORM), (ELSEWHERE[0], PLAIN)])
async def test_a_body_that_says_it_is_too_large_is_not_read(tiny: httpx.AsyncClient, path: str, limit: int) -> None:
    body = Endless()
    refused = await tiny.post(path, content=body.parts(), headers={"Content-Length": str(limit + 1)})
    assert refused.status_code == 413
    assert body.sent == 0


async def test_a_page_sent_too_large_a_file_gets_the_rest_of_its_form(tiny: httpx.AsyncClient) -> None:
    """Read to its end, because a browser shows the answer only then; and up to a bound."""
    files = {"file": ("a.jpg", b"x" * (FORM + 1))}
    taken = await tiny.post("/fields/documentos", data={"kind": "proof"}, files=files)
    assert taken.json() == {"fields": ["kind"], "limit": FORM}
    assert (await tiny.post(PAGE, content=b"x" * FORM * 22)).status_code == 413


@pytest.mark.parametrize("path", [FILES[0], PAGE, ELSEWHERE[0]])
async def test_a_body_that_stops_arriving_is_not_waited_for(
    tiny: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(limits, "IDLE_SECONDS", 0.2)

    async def stopping() -> AsyncIterator[bytes]:
        yield b"x" * 100
        await asyncio.sleep(30)

    began = time.monotonic()
    refused = await tiny.post(path, content=stopping())
    assert (refused.status_code, refused.json()["type"]) == (408, "/problems/body-timeout")
    assert time.monotonic() - began < 25


async def test_a_body_that_drips_is_over_in_time(tiny: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", 0.3)

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.05)

    assert (await tiny.post(FILES[0], content=dripping())).status_code == 408


async def test_the_portal_says_how_large_it_may_be(client: httpx.AsyncClient) -> None:
    refused = await client.post("/api/v1/nothing", content=b"x" * 10_551_297)
    assert refused.status_code == 413
    assert refused.json()["detail"] == "Puede medir hasta 1 MB."


async def test_what_a_form_adds_is_no_part_of_what_a_file_may_measure() -> None:
    app = FastAPI()
    app.add_middleware(
        BodyLimit, render=errors.renderer(None), max_bytes=PLAIN, max_upload_bytes=10 << 20, takes_file=takes_file
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        refused = await client.post(FILES[0], content=b"", headers={"Content-Length": str(11 << 20)})
    assert (refused.status_code, refused.json()["detail"]) == (413, "Puede medir hasta 10 MB.")


async def test_an_answer_with_headers_of_its_own_keeps_them_and_gets_the_others(tiny: httpx.AsyncClient) -> None:
    answer = await tiny.get("/framed")
    assert answer.headers.get_list("content-security-policy") == ["sandbox"]
    assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert answer.headers.get_list("cache-control") == ["private"]
    others = HEADERS.keys() - {"Content-Security-Policy", "X-Frame-Options"}
    assert {name: answer.headers[name] for name in others} == {name: HEADERS[name] for name in others}
    assert "strict-transport-security" in answer.headers


async def test_any_other_answer_gets_ours(tiny: httpx.AsyncClient) -> None:
    answer = await tiny.get("/other")
    assert answer.headers.get_list("content-security-policy") == [CSP]
    assert answer.headers.get_list("x-frame-options") == ["DENY"]
    assert answer.headers.get_list("cache-control") == ["no-store"]
