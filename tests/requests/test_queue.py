"""The queue: who comes first, who gets what, for how long; and that two never get the same."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from httpx import Response
from sqlalchemy import select

from app.identity.service.staff import staff_by_id
from app.kernel import clock, ids
from app.kernel.actor import Role
from app.kernel.events import EventRow
from app.requests import jobs
from app.requests.service import claims
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import fill, pile_up, taken
from tests.waiting import until_a_session_waits


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(minutes=minutes))


async def test_by_deadline_then_head_start_then_age(scene: Scene) -> None:
    old = await steps.create_person(scene, birth_on=date(1955, 3, 4))
    second_old = await steps.create_person(scene, birth_on=date(1965, 3, 4))
    with time_machine.travel(steps.noon(date(2026, 9, 7)), tick=True):
        young_first = await steps.complain(scene)
        young_second = await steps.complain(scene, about="thanks")
        old_first = await steps.complain(scene, old)
        old_second = await steps.complain(scene, second_old)
        soon_due = (await scene.citizen.submit_request("data-correct", **actors.sex()))["folio"]
        assert await taken(scene.officer) == [soon_due, old_first, old_second, young_first, young_second]
    ranked = await steps.item(scene, old_first)
    assert ranked is not None
    assert (ranked.due_on - ranked.rank_on).days == 2


async def test_five_hundred_claims_at_once_each_get_another(scene: Scene) -> None:
    folios = await pile_up(scene, 500)
    officers = [scene.officer, *[await steps.hire(scene, Role.OFFICER) for _ in range(3)], await scene.supervisor()]
    gate = asyncio.Semaphore(60)

    async def claim(officer: actors.Officer) -> Response:
        async with gate:
            return await officer.post("claim")

    answers = await asyncio.gather(*(claim(officers[number % 5]) for number in range(500)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(answer.json()["folio"] for answer in answers) == sorted(folios)
    assert (await scene.officer.post("claim")).json()["type"] == "/problems/queue-empty"
    async with scene.db.transaction() as session:
        reported = (await session.scalars(select(EventRow.payload).where(EventRow.type == "work.claimed"))).all()
    assert sorted(one["folio"] for one in reported) == sorted(folios)


async def test_the_same_key_again_gives_the_same_request(scene: Scene) -> None:
    await fill(scene, 2)
    first = await scene.officer.post("claim", key="lost-on-the-way")
    again = await scene.officer.post("claim", key="lost-on-the-way")
    assert first.json()["folio"] == again.json()["folio"]
    other = await (await steps.hire(scene, Role.OFFICER)).post("claim", key="lost-on-the-way")
    assert other.json()["folio"] != first.json()["folio"]
    assert (await scene.officer.post("claim", key="another-key")).json()["type"] == "/problems/queue-empty"


async def test_only_from_ones_units_and_services(scene: Scene) -> None:
    folio = await steps.complain(scene)
    elsewhere = await steps.unit(scene)
    stranger = await steps.hire(scene, Role.OFFICER, elsewhere)
    assert await taken(stranger) == []
    both = await steps.hire(scene, Role.OFFICER, elsewhere, scene.unit)
    theirs = await both.post("claim", {"unit_id": str(elsewhere.id)})
    assert theirs.json()["type"] == "/problems/queue-empty"
    other_unit = await stranger.post("claim", {"unit_id": str(scene.unit.id)})
    assert (other_unit.status_code, other_unit.json()["type"]) == (403, "/problems/request-out-of-scope")
    nothing = await both.post("claim", {"services": ["pension"]})
    assert nothing.json()["type"] == "/problems/queue-empty"
    got = await both.post("claim", {"services": ["pension", "complaint"]})
    assert got.json()["folio"] == folio
    await both.post(f"{folio}/release")
    everywhere = await actors.hire(scene.db, scene.client, Role.OFFICER)
    assert await taken(everywhere) == [folio]


async def test_requests_of_no_unit_are_for_who_works_at_every_one(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        homeless = await actors.person(session, None)
    folio = await steps.complain(scene, actors.Citizen(scene.client, homeless.id))
    assert await taken(await scene.supervisor()) == []
    everywhere = await actors.hire(scene.db, scene.client, Role.OFFICER)
    assert await taken(everywhere) == [folio]
    assert steps.only(await steps.facts(scene, folio, "work.claimed")).unit_id is None
    with later(16):
        assert await jobs.release_expired_batch() == 1
        assert steps.only(await steps.facts(scene, folio, "work.released")).unit_id is None
        await everywhere.claim(folio)
        assert (await everywhere.decide(folio, "approve", "answered")).status_code == 200


async def test_officers_do_not_take_what_waits_for_a_supervisor(scene: Scene) -> None:
    (folio,) = await pile_up(scene, 1, role="supervisor")
    assert await taken(scene.officer) == []
    assert await taken(await scene.supervisor()) == [folio]


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.ANALYST])
async def test_others_of_the_staff_do_no_requests(scene: Scene, role: Role) -> None:
    folio = await steps.complain(scene)
    other = await steps.hire(scene, role)
    answers = [await scene.client.get(f"/api/v1/work{path}", headers=other.headers) for path in ("", "/counts")]
    answers.append(await scene.client.post("/api/v1/work/search", json={"q": "ana"}, headers=other.headers))
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-role"), answer.url
    assert (await other.post("claim")).status_code == 403
    for path in (f"{folio}/claim", f"{folio}/attended"):
        assert (await other.post(path)).status_code == 404
    assert (await other.decide(folio, "approve", "answered")).status_code == 404
    seen = await scene.client.get(f"/api/v1/requests/{folio}", headers=other.headers)
    assert seen.status_code == 404


async def test_of_another_unit_there_is_nothing_to_see(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    unit = await steps.unit(scene)
    for role in (Role.OFFICER, Role.SUPERVISOR, Role.ADMIN):
        stranger = await steps.hire(scene, role, unit)
        bodies: dict[str, dict[str, Any]] = {
            "claim": {},
            "release": {},
            "decide": {"action": "approve", "reasons": ["answered"]},
            "ask": {"body": "¿Cuándo?"},
            "attended": {},
            "assign": {"staff_id": str(stranger.staff_id)},
            "transfer": {"unit_id": str(unit.id)},
            "visit": {"unit_id": str(unit.id), "room": 1, "start_at": clock.now().isoformat(), "message": "Venga."},
        }
        for verb, body in bodies.items():
            answer = await stranger.post(f"{folio}/{verb}", body)
            forbidden = role is Role.OFFICER and verb in ("assign", "transfer")
            assert answer.status_code == (403 if forbidden else 404), (role, verb)
        assert (await stranger.post(f"{folio}/heartbeat")).status_code == 409
        where = f"/api/v1/requests/{folio}"
        assert (await scene.client.get(where, headers=stranger.headers)).status_code == 404
        written = await scene.client.post(f"{where}/messages", json={"body": "Hola."}, headers=stranger.keyed())
        assert written.status_code == 404


async def test_a_heartbeat_keeps_it_and_silence_loses_it(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    with later(10):
        assert (await scene.officer.post(f"{folio}/heartbeat")).status_code == 204
    other = await steps.hire(scene, Role.OFFICER)
    with later(20):
        assert (await other.post(f"{folio}/claim")).json()["type"] == "/problems/claimed-by-another"
        assert await jobs.release_expired_batch() == 0
    with later(26):
        for answer in (
            await scene.officer.post(f"{folio}/heartbeat"),
            await scene.officer.decide(folio, "approve", "answered"),
            await scene.officer.post(f"{folio}/ask", {"body": "¿Cuándo?"}),
        ):
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/claim-not-held")
        # Even before the job that hands it back comes round, it is there for the next.
        assert await taken(other) == [folio]
        assert (await scene.officer.post(f"{folio}/heartbeat")).status_code == 409


async def test_an_idle_claim_is_released(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    with later(16):
        assert await jobs.release_expired_batch() == 1
        assert await jobs.release_expired_batch() == 0
        item = await steps.item(scene, folio)
        assert item is not None
        assert (item.holder_id, item.lease_until, item.claim_key) == (None, None, None)
        fact = steps.only(await steps.facts(scene, folio, "work.released"))
        assert fact.payload == {"folio": folio, "holder_id": str(scene.officer.staff_id), "lapsed": True}
        assert await taken(scene.officer) == [folio]


async def test_given_back(scene: Scene) -> None:
    folio = await steps.complain(scene)
    other, supervisor = await steps.hire(scene, Role.OFFICER), await scene.supervisor()
    await scene.officer.claim(folio)
    assert (await other.post(f"{folio}/release")).json()["type"] == "/problems/claim-not-held"
    assert (await scene.officer.post(f"{folio}/release")).status_code == 204
    await other.claim(folio)
    assert (await supervisor.post(f"{folio}/release")).status_code == 204
    returned = await steps.facts(scene, folio, "work.released")
    assert [one.payload["lapsed"] for one in returned] == [False, False]
    assert await taken(scene.officer) == [folio]


async def test_given_to_a_person_it_stays_with_them(scene: Scene) -> None:
    folio = await steps.complain(scene)
    supervisor, other = await scene.supervisor(), await steps.hire(scene, Role.OFFICER)
    given = {"staff_id": str(scene.officer.staff_id)}
    assert (await other.post(f"{folio}/assign", given)).status_code == 403
    assert (await supervisor.post(f"{folio}/assign", given)).status_code == 204
    with later(600):
        assert await jobs.release_expired_batch() == 0
        assert await taken(other) == []
        assert (await scene.officer.post(f"{folio}/heartbeat")).status_code == 204
        assert (await other.post(f"{folio}/claim")).json()["type"] == "/problems/claimed-by-another"
        await scene.officer.claim(folio)
        assert (await scene.officer.decide(folio, "approve", "answered")).status_code == 200


async def test_given_only_to_who_can_work_on_it(scene: Scene) -> None:
    folio = await steps.complain(scene)
    supervisor = await scene.supervisor()
    receptionist = await steps.hire(scene, Role.RECEPTIONIST)
    stranger = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    for staff_id, status in ((receptionist.staff_id, 403), (stranger.staff_id, 403), (ids.new_id(), 404)):
        assert (await supervisor.post(f"{folio}/assign", {"staff_id": str(staff_id)})).status_code == status


async def test_sent_to_another_unit(scene: Scene) -> None:
    folio = await steps.complain(scene)
    due_on = (await scene.citizen.get(folio))["due_on"]
    unit, supervisor = await steps.unit(scene), await scene.supervisor()
    there = await steps.hire(scene, Role.OFFICER, unit)
    await scene.officer.claim(folio)
    assert (await supervisor.post(f"{folio}/transfer", {"unit_id": str(ids.new_id())})).status_code == 404
    assert (await supervisor.post(f"{folio}/transfer", {"unit_id": str(unit.id)})).status_code == 204
    assert (await scene.officer.decide(folio, "approve", "answered")).status_code == 404
    assert await taken(scene.officer) == []
    assert await taken(there) == [folio]
    assert (await scene.citizen.get(folio))["due_on"] == due_on
    found = await scene.client.post("/api/v1/work/search", json={"q": "nunez"}, headers=there.headers)
    assert [one["folio"] for one in found.json()] == [folio]
    assert (await there.decide(folio, "approve", "answered")).status_code == 200


async def test_one_key_at_once_takes_one_request(scene: Scene) -> None:
    """The second waits for the first to be committed, and answers with the request that it took."""
    await fill(scene, 2)
    async with scene.db.transaction() as session:
        rosa = await staff_by_id(session, scene.officer.staff_id)
        assert rosa is not None
        first = await claims.claim_next(session, rosa, "the-same-key")
        again = asyncio.create_task(scene.officer.post("claim", key="the-same-key"))
        await until_a_session_waits(scene.db)
    assert (await again).json()["folio"] == first.folio
