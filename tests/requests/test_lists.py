"""The officers' lists: late, today's and near deadlines, how long someone has a request, many given at once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.kernel import ids
from app.kernel.actor import Role
from tests.requests import actors, steps
from tests.requests.conftest import Scene

FRIDAY = date(2026, 10, 9)
"""The two days after it are no working days, and near is counted in working days."""


async def listed(scene: Scene, query: str, officer: actors.Officer | None = None) -> list[dict[str, Any]]:
    by = officer or scene.officer
    answer = await scene.client.get(f"/api/v1/work?{query}", headers=by.headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def due(scene: Scene, day: date, service: str = "complaint") -> str:
    """A request that waits, due on that day."""
    by = await steps.create_person(scene)
    if service == "complaint":
        folio = await steps.complain(scene, by)
    else:
        folio = (await by.submit_request(service, **actors.NAME))["folio"]
    await steps.change_item(scene, folio, due_on=day)
    return folio


async def test_late_todays_and_near_deadlines_are_three_lists_that_add_up(scene: Scene) -> None:
    with time_machine.travel(steps.noon(FRIDAY), tick=True):
        by_days = {days: await due(scene, FRIDAY + timedelta(days=days)) for days in (-1, 0, 1, 3, 4, 5, 6, 7)}
        near_of_data = await due(scene, FRIDAY + timedelta(days=3), "data-correct")
        shown = {name: {line["folio"] for line in await listed(scene, f"due={name}")} for name in WHICH}
        counts = (await scene.client.get("/api/v1/work/counts", headers=scene.officer.headers)).json()
    assert shown["late"] == {by_days[-1]}
    assert shown["today"] == {by_days[0]}
    # Three working days for a complaint, to Wednesday; one for a correction, to Monday.
    assert shown["near"] == {by_days[1], by_days[3], by_days[4], by_days[5], near_of_data}
    assert [counts[name] for name in ("overdue", "due_today", "due_soon", "waiting")] == [1, 1, 5, 9]


WHICH = ("late", "today", "near")


async def test_what_is_near_is_what_the_service_says(scene: Scene) -> None:
    with time_machine.travel(steps.noon(FRIDAY), tick=True):
        wednesday = FRIDAY + timedelta(days=5)
        complaint, data = await due(scene, wednesday), await due(scene, wednesday, "data-correct")
        assert [line["folio"] for line in await listed(scene, "due=near")] == [complaint]
        assert {line["folio"] for line in await listed(scene, f"due_until={wednesday}")} == {complaint, data}


async def test_by_how_long_they_wait(scene: Scene) -> None:
    with time_machine.travel(steps.noon(date(2026, 9, 7)), tick=True):
        old = await steps.complain(scene)
    with time_machine.travel(steps.noon(date(2026, 9, 14)) + timedelta(hours=1), tick=True):
        new = await steps.complain(scene, await steps.create_person(scene))
        for days, folios in ((0, {old, new}), (7, {old}), (8, set())):
            assert {line["folio"] for line in await listed(scene, f"waiting_days={days}")} == folios
    refused = await scene.client.get("/api/v1/work?waiting_days=-1", headers=scene.officer.headers)
    assert refused.status_code == 422


async def test_who_has_it_and_since_when(scene: Scene) -> None:
    claimed_at = datetime(2026, 9, 8, 18, tzinfo=UTC)
    with time_machine.travel(claimed_at - timedelta(days=1), tick=False):
        folio = await steps.complain(scene)
        assert (await listed(scene, ""))[0]["held_since"] is None
    with time_machine.travel(claimed_at, tick=False):
        await scene.officer.claim(folio)
    with time_machine.travel(claimed_at + timedelta(minutes=5), tick=False):
        assert (await scene.officer.post(f"{folio}/heartbeat")).status_code == 204
        said, where = {"body": "La veo hoy."}, f"/api/v1/requests/{folio}/messages"
        assert (await scene.client.post(where, json=said, headers=scene.officer.keyed())).status_code < 300
        line = steps.only(await listed(scene, ""))
        assert (line["holder_name"], datetime.fromisoformat(line["held_since"])) == ("Rosa Díaz", claimed_at)
        supervisor, other = await scene.supervisor(), await steps.hire(scene, Role.OFFICER)
        assert (await supervisor.post(f"{folio}/assign", {"staff_id": str(other.staff_id)})).status_code == 204
        line = steps.only(await listed(scene, ""))
        assert datetime.fromisoformat(line["held_since"]) == claimed_at + timedelta(minutes=5)
        assert (await supervisor.post(f"{folio}/release")).status_code == 204
        assert steps.only(await listed(scene, ""))["held_since"] is None


async def test_many_are_given_at_once_and_one_that_cannot_hinders_none(scene: Scene) -> None:
    folios = [await steps.complain(scene, await steps.create_person(scene)) for _ in range(2)]
    strange = ids.new_folio("R")
    done = (await scene.citizen.submit_request("vigencia"))["folio"]
    supervisor = await scene.supervisor()
    given = {"folios": [*folios, strange, done, folios[0]], "staff_id": str(scene.officer.staff_id)}
    key = str(ids.new_id())
    answer = await supervisor.post("assign", given, key=key)
    assert answer.status_code == 200, answer.text
    assert [(line["folio"], line["outcome"], line["problem"]) for line in answer.json()] == [
        (folios[0], "assigned", None),
        (folios[1], "assigned", None),
        (strange, None, "not-found"),
        (done, None, "wrong-state"),
    ]
    assert {line["folio"] for line in await listed(scene, "state=mine")} == set(folios)
    assert (await supervisor.post("assign", given, key=key)).json() == answer.json()
    for folio in folios:
        steps.only(await steps.facts(scene, folio, "work.assigned"))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.RECEPTIONIST])
async def test_only_a_supervisor_gives_many(scene: Scene, role: Role) -> None:
    folio, by = await steps.complain(scene), await steps.hire(scene, role)
    answer = await by.post("assign", {"folios": [folio], "staff_id": str(scene.officer.staff_id)})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role")
    item = await steps.item(scene, folio)
    assert item is not None
    assert item.holder_id is None


async def test_many_are_given_to_no_one_who_is_not_there(scene: Scene) -> None:
    folio, supervisor = await steps.complain(scene), await scene.supervisor()
    answer = await supervisor.post("assign", {"folios": [folio], "staff_id": str(ids.new_id())})
    assert answer.status_code == 404
