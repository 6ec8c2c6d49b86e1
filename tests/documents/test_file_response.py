"""A document handed out: shown where it should be, downloaded under its own name, and unable to do anything."""

import asyncio
import socket
from collections.abc import Callable
from io import BytesIO
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.async_api import Browser, Dialog, Page

from app.documents.file_response import disposition, file_response
from app.documents.models import Document
from app.kernel import ids
from app.kernel.http.middleware import SecurityHeaders
from tests.documents.s3 import serving
from tests.documents.samples import HTML, pdf

SECONDS = 60


def document(media_type: str, name: str = "foto.jpg") -> Document:
    return Document(person_id=ids.new_id(), id=ids.new_id(), media_type=media_type, file_name=name)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/webp", "application/pdf"])
def test_what_is_served_is_what_it_was_found_to_be_and_inert(media_type: str) -> None:
    answer = file_response(document(media_type), b"bytes", inline=True)
    assert answer.body == b"bytes"
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    policy = {part.strip() for part in answer.headers["content-security-policy"].split(";")}
    assert policy >= {"default-src 'none'", "frame-ancestors 'self'"}
    assert ("sandbox" in policy) == (media_type != "application/pdf")


@pytest.mark.parametrize(("inline", "kind"), [(True, "inline"), (False, "attachment")])
def test_it_is_shown_or_downloaded_under_its_name(inline: bool, kind: str) -> None:
    answer = file_response(document("image/jpeg", "Acta de Núñez.jpg"), b"", inline=inline)
    header = answer.headers["content-disposition"]
    assert header == f"{kind}; filename=\"Acta de Nunez.jpg\"; filename*=UTF-8''Acta%20de%20N%C3%BA%C3%B1ez.jpg"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_name_stays_inside_its_header(name: str) -> None:
    header = disposition("attachment", name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert unquote(header.rpartition("filename*=UTF-8''")[2]) == name


# In Chromium ----------------------------------------------------------------------------------------------------------


def red_png() -> bytes:
    stored = BytesIO()
    Image.new("RGB", (500, 400), (255, 0, 0)).save(stored, "PNG")
    return stored.getvalue()


def portal(answer: Callable[[], Response]) -> FastAPI:
    """A page of ours with a document in a frame, under our own headers."""
    app = FastAPI()
    app.add_middleware(SecurityHeaders, https=False)

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse('<!doctype html><iframe src="/document" width="600" height="500"></iframe>')

    @app.get("/document")
    async def shown() -> Response:
        return answer()

    return app


async def is_red(page: Page) -> bool:
    """Whether most of a frame of 600 by 500 is red."""
    picture = Image.open(BytesIO(await page.screenshot())).convert("RGB")
    red = sum(count for count, colour in picture.getcolors(1 << 24) or [] if colour == (255, 0, 0))
    return red > 100_000


@pytest.mark.parametrize(
    ("media_type", "data"), [("application/pdf", pdf()), ("image/png", red_png())], ids=["pdf", "png"]
)
async def test_a_frame_of_our_page_shows_it(chromium: Browser, media_type: str, data: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = portal(lambda: file_response(document(media_type), data, inline=True))
        page = await chromium.new_page()
        async with serving(app, listening), asyncio.timeout(SECONDS):
            await page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/page")
            while not (shown := await is_red(page)):
                await asyncio.sleep(0.1)
        await page.close()
    assert shown


async def test_a_frame_of_another_person_s_page_does_not(chromium: Browser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as theirs:
        app = portal(lambda: file_response(document("image/png"), red_png(), inline=True))
        foreign = FastAPI()

        @foreign.get("/page")
        async def page() -> HTMLResponse:
            return HTMLResponse(f'<iframe src="http://127.0.0.1:{ours.getsockname()[1]}/document"></iframe>')

        tab = await chromium.new_page()
        async with serving(app, ours), serving(foreign, theirs):
            await tab.goto(f"http://127.0.0.1:{theirs.getsockname()[1]}/page")
            [frame] = tab.frames[1:]
            assert frame.url.startswith("chrome-error:")
        await tab.close()


async def test_even_a_page_that_got_in_can_not_act(chromium: Browser) -> None:
    """The last fence: HTML under an image's policy runs no script and has no origin of ours."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> Response:
            served = file_response(document("image/png"), HTML + b"<body>still", inline=True)
            served.headers["content-type"] = "text/html"
            return served

        acted: list[str] = []

        async def note(dialog: Dialog) -> None:
            acted.append(dialog.message)
            await dialog.dismiss()

        page = await chromium.new_page()
        page.on("dialog", note)
        async with serving(portal(answer), listening):
            await page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/page", wait_until="load")
            assert await page.frames[1].inner_text("body") == "still"
        await page.close()
        assert acted == []


async def test_our_headers_are_there_once_and_the_document_s_own_stay() -> None:
    app = portal(lambda: file_response(document("image/png"), b"png", inline=True))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.get("/document")
    names = [name for name, _value in answer.headers.multi_items()]
    assert len(names) == len(set(names))
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
