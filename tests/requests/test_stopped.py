"""What waits for its citizen or for a visit has lists, with numbers; who came on another day is asked about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from app.kernel.actor import Role
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import to_visit, waiting


async def listed(scene: Scene, query: str, by: actors.Officer | None = None) -> list[dict[str, Any]]:
    answer = await scene.client.get(f"/api/v1/work/stopped?{query}", headers=(by or scene.officer).headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_oldest_first_with_since_when_and_until_when(scene: Scene) -> None:
    first = await waiting(scene)
    second = await waiting(scene)
    with_visit, start_at = await to_visit(scene)
    rows = await listed(scene, "kind=waiting")
    assert [row["folio"] for row in rows] == [first, second]
    seen = await steps.row(scene, first)
    assert (rows[0]["answer_by"], rows[0]["visit_at"]) == (seen.answer_by.isoformat() if seen.answer_by else "", None)
    assert datetime.fromisoformat(rows[0]["stopped_at"]) == seen.stopped_at
    (row,) = await listed(scene, "kind=visit")
    assert (row["folio"], datetime.fromisoformat(row["visit_at"])) == (with_visit, start_at)
    assert row["timezone"] == scene.unit.timezone
    counts = (await scene.client.get("/api/v1/work/counts", headers=scene.officer.headers)).json()
    assert (counts["awaiting_answer"], counts["awaiting_visit"], counts["waiting"]) == (2, 1, 0)


async def test_since_when_is_not_the_last_change(scene: Scene) -> None:
    folio = await waiting(scene, scene.citizen)
    before = (await steps.row(scene, folio)).stopped_at
    attached = await scene.citizen.attach(folio, "evidence")
    assert attached.status_code == 201, attached.text
    assert (await steps.row(scene, folio)).stopped_at == before
    await scene.citizen.post(folio, "answer", body="El lunes.")
    assert (await steps.row(scene, folio)).stopped_at is None
    assert await listed(scene, "kind=waiting") == []


async def test_the_filters_are_those_of_the_queue(scene: Scene) -> None:
    spanish = await waiting(scene)
    english = await waiting(scene, language="en")
    today = steps.TODAY
    await steps.change(scene, english, answer_by=today)
    long_ago = datetime.now(UTC) - timedelta(days=10)
    await steps.change(scene, spanish, stopped_at=long_ago, answer_by=today - timedelta(days=1))
    other = await steps.unit(scene)
    for query, folios in (
        ("language=en", [english]),
        ("service=complaint", [spanish, english]),
        ("service=pension", []),
        ("due=late", [spanish]),
        ("due=today", [english]),
        ("due=near", []),
        (f"due_until={today - timedelta(days=1)}", [spanish]),
        ("waiting_days=7", [spanish]),
        (f"unit={scene.unit.id}", [spanish, english]),
        (f"unit={other.id}", []),
    ):
        assert [row["folio"] for row in await listed(scene, f"kind=waiting&{query}")] == folios, query


async def test_the_next_page_goes_on_where_this_one_ends(scene: Scene) -> None:
    folios = [await waiting(scene) for _ in range(3)]
    at = datetime.now(UTC)
    for folio in folios:  # of the same instant
        await steps.change(scene, folio, stopped_at=at)
    found: list[str] = []
    path = "/api/v1/work/stopped?kind=waiting&limit=1"
    while path:
        answer = await scene.client.get(path, headers=scene.officer.headers)
        found += [row["folio"] for row in answer.json()]
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    assert sorted(found) == sorted(folios)


async def test_only_of_ones_own_units_and_for_who_decides(scene: Scene) -> None:
    await waiting(scene)
    stranger = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert await listed(scene, "kind=waiting", stranger) == []
    assert len(await listed(scene, "kind=waiting", await scene.supervisor())) == 1
    desk = await steps.hire(scene, Role.RECEPTIONIST)
    refused = await scene.client.get("/api/v1/work/stopped?kind=waiting", headers=desk.headers)
    assert refused.status_code == 403
    for wrong in ("", "?kind=review", "?kind=waiting&cursor=x"):
        answer = await scene.client.get(f"/api/v1/work/stopped{wrong}", headers=scene.officer.headers)
        assert answer.status_code == 422, wrong


@pytest.mark.parametrize("days", [-1, 1])
async def test_who_comes_on_another_day_is_confirmed(scene: Scene, days: int) -> None:
    folio, start_at = await to_visit(scene)
    with time_machine.travel(start_at + timedelta(days=days)):
        asks = await scene.officer.post(f"{folio}/attended")
        assert (asks.status_code, asks.json()["type"]) == (409, "/problems/visit-on-another-day")
        local = start_at.astimezone(ZoneInfo(scene.unit.timezone))
        assert date.fromisoformat(asks.json()["visit_on"]) == local.date()
        assert "hoy es" in asks.json()["detail"]
        assert (await steps.row(scene, folio)).kind == "visit"
        for no in ({"other_day": False}, {}):
            assert (await scene.officer.post(f"{folio}/attended", no)).status_code == 409
        came = await scene.officer.post(f"{folio}/attended", {"other_day": True})
        assert came.json()["status"] == "signed", came.text
    assert steps.only(await steps.facts(scene, folio, "request.visit-attended")).payload["other_day"] is True


async def test_on_its_day_by_the_clock_of_the_unit_nothing_is_asked(scene: Scene) -> None:
    folio, start_at = await to_visit(scene)
    # Late in the evening there it is another day in Greenwich already.
    evening = start_at.replace(hour=5, minute=30) + timedelta(days=1)
    with time_machine.travel(evening):
        came = await scene.officer.post(f"{folio}/attended")
        assert came.json()["status"] == "signed", came.text
    assert steps.only(await steps.facts(scene, folio, "request.visit-attended")).payload["other_day"] is False
    again = await scene.officer.post(f"{folio}/attended", {"other_day": True})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")
