"""A unit with coordinates, a citizen and an officer, and a form to send."""

from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.requests.conftest import Scene, files, scene

__all__ = ["files", "scene"]

BASE = "/open311/v2"
WORDS = "La farmacia estaba cerrada a las diez."


@pytest.fixture
def form(scene: Scene) -> dict[str, str]:
    return {"service_code": "complaint", "address_id": scene.unit.clues, "description": WORDS}


async def send(scene: Scene, form: dict[str, Any], **headers: str) -> httpx.Response:
    sent = scene.citizen.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    return await scene.client.post(f"{BASE}/requests.json", data=form, headers=sent)


async def sent(scene: Scene, form: dict[str, Any]) -> str:
    """The id of a request that was sent."""
    answer = await send(scene, form)
    assert answer.status_code == 201, answer.text
    folio: str = answer.json()[0]["service_request_id"]
    return folio


def errors(answer: httpx.Response) -> list[str]:
    """What a refusal says, each with the code that is the response's."""
    found = answer.json()
    assert {one["code"] for one in found} == {answer.status_code}, found
    return [one["description"] for one in found]


def tree(answer: httpx.Response) -> ElementTree.Element:
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b"<?xml")
    return ElementTree.fromstring(answer.content)
