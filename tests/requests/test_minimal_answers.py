"""`Prefer: return=minimal`: who needs no representation gets none, and nothing is recorded as shown (RFC 7240)."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.registry.models import PersonalDataView
from app.requests.models import Refusal
from tests.requests import steps
from tests.requests.conftest import Scene

MINIMAL = {"Prefer": "return=minimal"}


async def start(scene: Scene, service: str, prefer: str, **answers: Any) -> httpx.Response:
    headers = scene.citizen.keyed() | {"Prefer": prefer}
    return await scene.client.post("/api/v1/requests", json={"service": service, "answers": answers}, headers=headers)


def is_minimal(answer: httpx.Response) -> bool:
    assert answer.headers["Preference-Applied"] == "return=minimal", answer.text
    assert answer.headers["ETag"].strip('"').isdigit()
    return answer.content == b""


async def test_what_is_made_says_where_it_is(scene: Scene) -> None:
    started = await start(scene, "complaint", "return=minimal", **steps.STORY)
    assert (started.status_code, is_minimal(started)) == (201, True)
    path = started.headers["Location"]
    saved = await scene.client.patch(
        path, json={"answers": {"about": "thanks"}}, headers=scene.citizen.headers | {"If-Match": "*"} | MINIMAL
    )
    assert (saved.status_code, is_minimal(saved)) == (204, True)
    headers = scene.citizen.keyed() | {"If-Match": saved.headers["ETag"]} | MINIMAL
    submitted = await scene.client.post(f"{path}/submit", headers=headers)
    assert (submitted.status_code, is_minimal(submitted)) == (204, True)
    again = await scene.client.post(f"{path}/submit", headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    found = await scene.citizen.get(path.rsplit("/", 1)[1])
    assert (found["kind"], found["answers"]["about"]) == ("review", "thanks")


async def test_a_draft_that_is_resumed_was_not_created(scene: Scene) -> None:
    await start(scene, "complaint", "return=minimal", **steps.STORY)
    resumed = await start(scene, "complaint", "return=minimal")
    assert (resumed.status_code, is_minimal(resumed)) == (204, True)


async def test_a_decision_that_is_not_shown_is_no_view_and_no_notification(scene: Scene) -> None:
    folio = await steps.complain(scene)
    claimed = await scene.client.post(f"/api/v1/work/{folio}/claim", headers=scene.officer.keyed() | MINIMAL)
    body = {"action": "refuse", "reasons": ["not-ours"], "message": "No es de aquí."}
    headers = scene.officer.keyed() | MINIMAL
    decided = await scene.client.post(f"/api/v1/work/{folio}/decide", json=body, headers=headers)
    assert (claimed.status_code, decided.status_code) == (204, 204), decided.text
    assert is_minimal(decided)
    async with scene.db.transaction() as session:
        views = select(PersonalDataView).where(PersonalDataView.reader_id == scene.officer.staff_id)
        assert (await session.scalars(views)).all() == []
        assert await session.scalar(select(Refusal.notified_at)) is None


@pytest.mark.parametrize(
    ("prefer", "is_short"),
    [
        ("return=representation", False),
        ("respond-async, Return = minimal", True),
        ('return="minimal"', True),
        ("return=representation, return=minimal", False),  # of one name the first counts
        ("handling=strict", False),
    ],
)
async def test_the_preference_is_read_as_the_standard_says(scene: Scene, prefer: str, is_short: bool) -> None:
    started = await start(scene, "complaint", prefer, **steps.STORY)
    assert started.status_code == 201
    assert (started.content == b"") == is_short
    assert ("Preference-Applied" in started.headers) == is_short
