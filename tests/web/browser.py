"""Someone who uses the pages: a session of their own, forms sent back as they were shown."""

import asyncio
import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from app.identity.service.sessions import start_session
from app.kernel.actor import Assurance
from app.web.answer_pages import OWN_PREFIX
from tests.conftest import Database


@dataclass
class PageForm:
    """A form of a page: where its buttons send it, and its hidden fields."""

    actions: list[str]
    hidden: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.forms: list[PageForm] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm([given.get("action", self.here)]))
        elif self.forms and "formaction" in given:
            self.forms[-1].actions.append(given["formaction"])
        elif self.forms and tag == "input" and given.get("type") == "hidden":
            self.forms[-1].hidden.setdefault(given["name"], []).append(given.get("value", ""))


def forms_of(html: str, here: str = "") -> list[PageForm]:
    """The forms of a page, in its order."""
    parser = _Forms(here)
    parser.feed(html)
    return parser.forms


class Browser:
    """A browser without scripts: it keeps the cookie, and sends the hidden fields of the page it was shown last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.html = ""
        self.here = ""

    async def get(self, path: str) -> httpx.Response:
        """The page at this address."""
        return self._seen(await self.client.get(path))

    async def send(self, path: str, files: Any = None, via: str = "", **fields: Any) -> httpx.Response:
        """A form of the last page, with its hidden fields; where it leads, without going there. `via`: the form that
        is offered, for a button that isn't."""
        return self._seen(await self.client.post(path, data=self.form(via or path, **fields), files=files))

    def form(self, path: str, **fields: Any) -> dict[str, Any]:
        """What the last page's form for this address would send. None leaves a hidden field out."""
        there = {path, path.removeprefix("/en"), f"/en{path}"}
        form = next((one for one in forms_of(self.html, self.here) if there & set(one.actions)), None)
        hidden = form.hidden if form else {"csrf": [self.hidden("csrf")]}
        return {name: value for name, value in (hidden | fields).items() if value is not None}

    def hidden(self, name: str) -> str:
        """A hidden field of the last page that had one."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.html)
        assert found, f"no hidden field {name}"
        return found.group(1)

    @property
    def text(self) -> str:
        """What the last page says, in one line."""
        main = self.html[self.html.find("<main") : self.html.find("</main>")]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html") and answer.text:
            shown_at = answer.headers.get("x-answer-page", "").partition("?")[0]
            self.html, self.here = answer.text, shown_at or answer.request.url.path
        return answer


class _Browser(httpx.ASGITransport):
    """Goes on to the page that answers a form, as a browser does; other redirects are the test's to follow."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        where = answer.headers.get("location", "")
        if request.method != "POST" or OWN_PREFIX not in where:
            return answer
        cookie = {"cookie": request.headers["cookie"]} if "cookie" in request.headers else {}
        page = await super().handle_async_request(httpx.Request("GET", request.url.join(where), headers=cookie))
        page.headers["x-answer-page"] = where
        for one in answer.headers.get_list("set-cookie"):
            page.headers.update({"set-cookie": one})
        return page


async def signed_in_browser(
    app: FastAPI,
    db: Database,
    *,
    person_id: UUID | None = None,
    staff_id: UUID | None = None,
    assurance: Assurance = Assurance.FULL,
) -> Browser:
    """A session, as after the code or the password."""
    async with db.transaction() as session:
        _row, token = await start_session(session, person_id=person_id, staff_id=staff_id, assurance=assurance)
    transport = _Browser(app=app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", cookies={"ventanilla": token})
    return Browser(client)


async def count(db: Database, statement: str, **values: Any) -> int:
    """The number that a statement finds."""
    async with db.transaction() as session:
        return int(await session.scalar(text(statement), values) or 0)


def unsigned(address: str) -> str:
    """An address of ours without the signature of what it says was done."""
    return re.sub(r"[?&]firma=[0-9a-f]+", "", address)


def another_tab(browser: Browser) -> Browser:
    """The same browser, so the same cookie; what it shows is its own."""
    return Browser(browser.client)


async def twice(browser: Browser, path: str, form: dict[str, Any], files: Any = None) -> list[httpx.Response]:
    """The button pressed twice: both requests are on their way at once."""
    return list(await asyncio.gather(*[browser.client.post(path, data=form, files=files) for _ in range(2)]))
