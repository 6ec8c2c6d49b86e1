"""A member of staff who acts for a person by the API, and what that leaves."""

from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select

from app.identity.models import Assistance
from app.identity.service import assistance
from app.kernel.events import EventRow
from tests.requests import actors
from tests.requests.conftest import Scene


@dataclass
class Clerk:
    """A member of staff who helps Ana, by a program of the agency's."""

    scene: Scene
    by: actors.Officer
    assistance: str = ""

    async def send(self, method: str, path: str, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        headers = self.by.keyed(more.pop("key", None))
        if self.assistance:
            headers["Assistance-Id"] = self.assistance
        return await self.scene.client.request(method, f"/api/v1/{path}", json=body, headers=headers, **more)

    async def start(self, channel: str = "desk", **more: Any) -> httpx.Response:
        body = {"person_id": str(self.scene.ana.id), "channel": channel}
        made = await self.send("POST", "assistances", body, **more)
        self.assistance = made.json().get("id", "")
        return made

    async def check(self, how: str, **more: Any) -> httpx.Response:
        return await self.send("POST", f"assistances/{self.assistance}/identity", {"how": how} | more)

    async def by_document(self, channel: str = "desk") -> None:
        await self.start(channel)
        assert (await self.check("document", document="passport")).json()["identity"] == "document"


async def events(scene: Scene, *types: str) -> list[EventRow]:
    async with scene.db.transaction() as session:
        return list(await session.scalars(select(EventRow).where(EventRow.type.in_(types)).order_by(EventRow.id)))


async def end_idle(scene: Scene) -> int:
    """What the job does; it runs only where the database's clock agrees."""
    async with scene.db.transaction() as session:
        return await assistance.end_idle(session)


async def row_of(scene: Scene) -> Assistance:
    async with scene.db.transaction() as session:
        return (await session.scalars(select(Assistance).order_by(Assistance.id.desc()).limit(1))).one()
