"""Somebody who uses the pages: a session of their own, forms sent back as they were shown."""

import re
from html import unescape
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from app.identity.service import start_session
from app.kernel.actor import Assurance
from tests.conftest import Database


class Surfer:
    """A browser without scripts: it keeps the cookie, and sends the hidden fields of the page it was shown last."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.html = ""

    async def get(self, path: str) -> httpx.Response:
        """The page at this address."""
        return self._seen(await self.client.get(path))

    async def send(self, path: str, files: Any = None, **fields: Any) -> httpx.Response:
        """A form of the last page; where it leads, without going there."""
        data = {"csrf": self.hidden("csrf")} | {name: value for name, value in fields.items() if value is not None}
        return self._seen(await self.client.post(path, data=data, files=files))

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
            self.html = answer.text
        return answer


async def come_in(app: FastAPI, db: Database, *, person_id: UUID | None = None, staff_id: UUID | None = None) -> Surfer:
    """A session, as after the code or the password."""
    async with db.transaction() as session:
        _row, token = await start_session(session, person_id=person_id, staff_id=staff_id, assurance=Assurance.FULL)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", cookies={"ventanilla": token})
    return Surfer(client)
