"""«Next» obeys the filters of the list: the first by priority of what they show, and never the same for two."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select, text

from app.kernel import clock, ids
from app.kernel.actor import Role
from app.requests.models import WorkItem
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import fill, pile_up

NOW = clock.now()
LATE, SOON, FAR = (steps.TODAY + timedelta(days=days) for days in (-3, 1, 30))
# What a request has that the filter asks for, and what all others have.
FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"language": "en"}, {"language": "en"}),
    ({"due": "late"}, {"due_on": LATE}),
    ({"due": "today"}, {"due_on": steps.TODAY}),
    ({"due_until": SOON.isoformat()}, {"due_on": SOON}),
    ({"waiting_days": 7}, {"submitted_at": NOW - timedelta(days=8)}),
    ({"kind": "message"}, {"kind": "message"}),
    ({"kind": "appeal"}, {"is_appeal": True, "role": "supervisor"}),
    ({"kind": "second-review"}, {"role": "supervisor"}),
    ({"state": "escalated"}, {"escalated_at": NOW}),
    ({"services": ["pension"]}, {"service": "pension"}),
]


async def plain(scene: Scene, count: int = 3) -> set[str]:
    """Requests that come before any other by priority, and that no filter of these shows."""
    folios = await fill(scene, count)
    for folio in folios:
        await steps.change_item(scene, folio, rank_on=LATE - timedelta(days=30), due_on=FAR)
    return folios


async def one(scene: Scene, **has: Any) -> str:
    (folio,) = await fill(scene, 1)
    await steps.change_item(scene, folio, **({"due_on": FAR} | has))
    return folio


async def list_of(officer: actors.Officer, **asked: Any) -> list[str]:
    renamed = {"services": "service", "unit_id": "unit"}
    params = {renamed.get(name, name): value for name, value in asked.items()}
    answer = await officer.client.get("/api/v1/work", params=params, headers=officer.headers)
    assert answer.status_code == 200, answer.text
    return [row["folio"] for row in answer.json()]


@pytest.mark.parametrize(("asked", "has"), FILTERS, ids=lambda one: next(iter(one)))
async def test_the_next_is_the_first_of_what_the_list_shows(
    scene: Scene, asked: dict[str, Any], has: dict[str, Any]
) -> None:
    others = await plain(scene)
    second, first = await one(scene, **has), await one(scene, **has)
    await steps.change_item(scene, first, rank_on=steps.TODAY - timedelta(days=9))
    boss = await scene.supervisor()
    assert await list_of(boss, **asked) == [first, second]
    for folio in (first, second):
        taken = await boss.post("claim", asked)
        assert (taken.status_code, taken.json().get("folio")) == (200, folio), taken.text
    assert (await boss.post("claim", asked)).json()["type"] == "/problems/queue-empty"
    async with scene.db.transaction() as session:
        held = set((await session.scalars(select(WorkItem.folio).where(WorkItem.holder_id.is_not(None)))).all())
    assert held.isdisjoint(others)


async def test_near_deadlines_are_those_of_the_list(scene: Scene) -> None:
    await plain(scene)
    near = await one(scene, due_on=steps.TODAY + timedelta(days=1))
    assert await list_of(scene.officer, due="near") in ([near], [])
    answer = await scene.officer.post("claim", {"due": "near"})
    shown = [answer.json()["folio"]] if answer.status_code == 200 else []
    assert shown in ([near], [])


async def test_many_at_once_with_a_filter_each_get_another_and_no_one_gets_what_it_hides(scene: Scene) -> None:
    everyone = await pile_up(scene, 120)
    async with scene.db.transaction() as session:
        english = text("UPDATE work_item SET language = 'en' WHERE folio = ANY(:folios)")
        asked = sorted(everyone)[:60]
        await session.execute(english, {"folios": asked})
    officers = [scene.officer, *[await steps.hire(scene, Role.OFFICER) for _ in range(3)], await scene.supervisor()]
    gate = asyncio.Semaphore(40)

    async def claim(number: int) -> Response:
        async with gate:
            return await officers[number % 5].post("claim", {"language": "en"})

    answers = await asyncio.gather(*(claim(number) for number in range(80)))
    got = [answer.json()["folio"] for answer in answers if answer.status_code == 200]
    assert sorted(got) == asked
    assert {answer.json()["type"] for answer in answers if answer.status_code != 200} == {"/problems/queue-empty"}
    async with scene.db.transaction() as session:
        free = select(WorkItem.folio).where(WorkItem.holder_id.is_(None))
        assert set((await session.scalars(free)).all()) == everyone - set(asked)


async def test_the_same_key_again_gives_the_same_with_a_filter_too(scene: Scene) -> None:
    for _ in range(2):
        await one(scene, language="en")
    first = await scene.officer.post("claim", {"language": "en"}, key="lost-on-the-way")
    again = await scene.officer.post("claim", {"language": "en"}, key="lost-on-the-way")
    assert first.json()["folio"] == again.json()["folio"]


async def test_a_filter_opens_no_other_unit_role_or_appeal(scene: Scene) -> None:
    folio = await one(scene, language="en")
    stranger = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert (await stranger.post("claim", {"language": "en"})).json()["type"] == "/problems/queue-empty"
    named = await stranger.post("claim", {"language": "en", "unit_id": str(scene.unit.id)})
    assert (named.status_code, named.json()["type"]) == (403, "/problems/request-out-of-scope")
    await steps.change_item(scene, folio, role="supervisor", is_appeal=True)
    assert (await scene.officer.post("claim", {"kind": "appeal"})).json()["type"] == "/problems/queue-empty"
    boss = await scene.supervisor()
    await steps.change_item(scene, folio, excluded_ids=[boss.staff_id])
    assert (await boss.post("claim", {"kind": "appeal"})).json()["type"] == "/problems/queue-empty"
    receptionist = await steps.hire(scene, Role.RECEPTIONIST)
    assert (await receptionist.post("claim", {"language": "en"})).status_code == 403


async def test_what_a_person_let_lapse_is_taken_with_a_filter(scene: Scene) -> None:
    folio = await one(scene, language="en")
    other = await steps.hire(scene, Role.OFFICER)
    await steps.change_item(scene, folio, holder_id=other.staff_id, lease_until=clock.now() - timedelta(minutes=1))
    assert (await scene.officer.post("claim", {"language": "en"})).json()["folio"] == folio


async def test_every_page_of_a_list_in_every_order(scene: Scene) -> None:
    folios = await fill(scene, 7)
    for number, folio in enumerate(sorted(folios)):
        at = NOW - timedelta(hours=number % 3)
        await steps.change_item(scene, folio, submitted_at=at, due_on=SOON + timedelta(days=number % 2))
    officer = scene.officer
    for sort in ("priority", "due", "oldest", "newest"):
        whole = await list_of(officer, sort=sort)
        assert set(whole) == folios
        found, where = [], f"/api/v1/work?sort={sort}&limit=2"
        while where:
            answer = await officer.client.get(where, headers=officer.headers)
            found += [row["folio"] for row in answer.json()]
            where = answer.links.get("next", {}).get("url", "")
        assert found == whole, sort
    oldest = await list_of(officer, sort="oldest")
    assert await list_of(officer, sort="newest") == oldest[::-1]


async def test_an_appeal_is_listed_as_one_and_who_holds_what(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    assert await list_of(scene.officer, holder=str(scene.officer.staff_id)) == [folio]
    assert await list_of(scene.officer, holder=str(ids.new_id())) == []
    await scene.officer.decide(folio, "refuse", "not-ours", message="No es nuestro asunto.")
    await scene.citizen.post(folio, "appeal", body="Sí lo es.")
    boss = await scene.supervisor()
    assert await list_of(boss, kind="appeal") == [folio]
    assert await list_of(boss, kind="second-review") == []
    assert (await boss.post("claim", {"kind": "appeal"})).json()["folio"] == folio
