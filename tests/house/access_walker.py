"""Who walks through the routes where staff see a person's data: an administrator, with the API and the pages."""

from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from app.kernel.actor import Role
from app.registry.access_log import ViewContext
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

PAGES = "/ventanilla"
Step = tuple[str, ViewContext]
"""The route that was used, and how it shows data."""


@dataclass
class Walk:
    """An administrator of the scene's unit, with the API and with the pages."""

    scene: Scene
    reader: actors.Officer
    page: Browser

    async def api(self, method: str, path: str, body: dict[str, Any] | None = None, **about: Any) -> httpx.Response:
        """Use a route of the API; `about` fills its path."""
        headers = self.reader.keyed() | {"If-Match": "*"}
        answer = await self.scene.client.request(
            method, f"/api/v1/{path.format(**about)}", json=body, headers=headers, params=about.get("params")
        )
        assert answer.status_code < 500, answer.text
        return answer


async def start(app: FastAPI, scene: Scene) -> Walk:
    """The reader, signed in."""
    reader = await steps.hire(scene, Role.ADMIN)
    return Walk(scene, reader, await signed_in_browser(app, scene.db, staff_id=reader.staff_id))


async def shown_by(here: Walk, path: str) -> str:
    """What a page or a route of the API shows at this address."""
    if path.startswith("/api/v1/"):
        return (await here.api("GET", path.removeprefix("/api/v1/"))).text
    return (await here.page.get(path)).text
