"""PATCH by JSON Merge Patch (RFC 7396): what is left out stays, null removes, and another kind of patch is refused."""

import json
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from app.kernel.http.merge_patch import MERGE_PATCH, TAKEN
from app.main import create_app
from tests.requests.conftest import Scene

ANSWERS: dict[str, Any] = {"about": "complaint", "story": "La farmacia estaba cerrada."}


async def _patch(scene: Scene, folio: str, body: Any, media_type: str = MERGE_PATCH) -> httpx.Response:
    headers = scene.citizen.headers | {"If-Match": "*", "Content-Type": media_type}
    return await scene.client.patch(f"/api/v1/requests/{folio}", content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("media_type", [*TAKEN, "application/merge-patch+json; charset=utf-8"])
@pytest.mark.parametrize(
    ("patch", "left"),
    [
        ({"answers": {"story": "Cerraron temprano."}}, ANSWERS | {"story": "Cerraron temprano."}),
        ({"answers": {"story": None}}, {"about": "complaint"}),
        ({"answers": {"happened_on": None}}, ANSWERS),
        ({"answers": {}}, ANSWERS),
        ({}, ANSWERS),
        ({"answers": None}, {}),
    ],
)
async def test_a_draft_is_patched(scene: Scene, media_type: str, patch: Any, left: dict[str, Any]) -> None:
    draft = (await scene.citizen.start("complaint", unit_id=None, **ANSWERS)).json()
    saved = await _patch(scene, draft["folio"], patch, media_type)
    assert saved.status_code == 200, saved.text
    assert saved.headers["ETag"] == f'"{draft["version"] + 1}"'
    answers = (await scene.citizen.get(draft["folio"]))["answers"]
    assert {name: value for name, value in answers.items() if name != "unit_id"} == left


@pytest.mark.parametrize(
    "patch", [[], None, "about", {"answers": []}, {"answers": {"about": {"a": 1}}}, {"due_on": None}]
)
async def test_what_is_no_patch_of_a_draft_changes_nothing(scene: Scene, patch: Any) -> None:
    draft = (await scene.citizen.start("complaint", **ANSWERS)).json()
    assert (await _patch(scene, draft["folio"], patch)).status_code == 422
    assert (await scene.citizen.get(draft["folio"]))["version"] == draft["version"]


@pytest.mark.parametrize("media_type", ["application/json-patch+json", "text/plain", "application/vnd.other+json", ""])
async def test_another_kind_of_patch_is_refused_with_what_is_taken(scene: Scene, media_type: str) -> None:
    draft = (await scene.citizen.start("complaint", **ANSWERS)).json()
    refused = await _patch(scene, draft["folio"], {"answers": {"story": None}}, media_type)
    assert (refused.status_code, refused.json()["type"]) == (415, "/problems/media-type-unsupported")
    assert refused.headers["Accept-Patch"] == ", ".join(TAKEN)
    assert (await scene.citizen.get(draft["folio"]))["answers"]["story"] == ANSWERS["story"]


def test_every_patch_takes_a_merge_patch() -> None:
    app = create_app()
    patches = [
        one
        for one in app.routes
        if isinstance(one, APIRoute) and one.include_in_schema and "PATCH" in (one.methods or ())
    ]
    assert len(patches) >= 3
    for route in patches:
        operation = app.openapi()["paths"][route.path]["patch"]
        content = operation["requestBody"]["content"]
        assert set(content) == set(TAKEN), route.path
        assert content[TAKEN[0]]["schema"] == content[TAKEN[1]]["schema"]
        assert "415" in operation["responses"]
