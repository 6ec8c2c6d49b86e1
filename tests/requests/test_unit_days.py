"""Late, due today and near are derived from the clock of the unit that attends a request; so are consents."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.kernel.actor import Role
from app.kernel.consumers import Event
from app.notifications import contacts
from app.requests import jobs
from app.requests.queries.own import consents_for, own_requests
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import BLANK, wall

ZONES = ["America/Tijuana", "America/Cancun", "America/Mexico_City"]
LAST = date(2026, 10, 8)
"""A Thursday."""


async def lists(scene: Scene, officer: actors.Officer) -> dict[str, list[str]]:
    found = {}
    for name in ("late", "today", "near"):
        answer = await scene.client.get(f"/api/v1/work?due={name}", headers=officer.headers)
        found[name] = [line["folio"] for line in answer.json()]
    counts = (await scene.client.get("/api/v1/work/counts", headers=officer.headers)).json()
    assert [counts[name] for name in ("overdue", "due_today", "due_soon")] == [len(one) for one in found.values()]
    return found


@pytest.mark.parametrize("zone", ZONES)
async def test_lists_and_escalation_go_by_the_unit(scene: Scene, zone: str) -> None:
    async with scene.db.transaction() as session:
        unit = await places.unit(session, timezone=zone)
    officer = await steps.hire(scene, Role.OFFICER, unit)
    with wall(LAST, 12, 0, zone):
        folios = []
        for days in (0, 3):
            folio = await steps.complain(scene, await steps.create_person(scene, unit=unit))
            await steps.change_item(scene, folio, due_on=LAST + timedelta(days=days))
            folios.append(folio)
        due, far = folios
    with wall(LAST, 23, 30, zone):
        assert await lists(scene, officer) == {"late": [], "today": [due], "near": [far]}
        assert await jobs.escalate_batch() == 0
    with wall(LAST + timedelta(days=1), 0, 30, zone):
        assert await lists(scene, officer) == {"late": [due], "today": [], "near": [far]}
        assert await jobs.escalate_batch() == 1


@pytest.mark.parametrize("zone", ZONES)
async def test_what_was_filed_for_a_dependant_and_by_consent_is_seen_to_the_end_of_the_unit_s_day(
    scene: Scene, zone: str
) -> None:
    async with scene.db.transaction() as session:
        unit = await places.unit(session, timezone=zone)
        holder, child, friend = [await actors.person(session, unit) for _ in range(3)]
        await places.depend(session, holder, child, ends_on=LAST)
    by, agent = actors.Citizen(scene.client, holder.id), actors.Citizen(scene.client, friend.id)
    with wall(LAST - timedelta(days=9), 12, 0, zone):
        folio = (await by.submit_request("complaint", person_id=child.id, **steps.STORY))["folio"]
        await steps.run(
            scene,
            "INSERT INTO mandate"
            " (grantor_id, id, delegate_id, delegate_curp, services, starts_on, ends_on, granted_at, channel) VALUES"
            f" ('{child.id}', gen_random_uuid(), '{friend.id}', '{friend.curp}', ARRAY['complaint'], '2026-09-01',"
            f" '{LAST}', now(), 'web')",
        )
    for day, hour, minute, seen in ((LAST, 23, 30, [folio]), (LAST + timedelta(days=1), 0, 30, [])):
        with wall(day, hour, minute, zone):
            async with scene.db.transaction() as session:
                for who in (holder, friend):
                    mine = await own_requests(session, places.citizen(who), limit=5)
                    assert [row.folio for row in mine] == seen, who
                assert [one.grantor_id for one in await consents_for(session, friend.id)] == [child.id] * len(seen)
            for one in (by, agent):
                answer = await scene.client.get(f"/api/v1/requests/{folio}", headers=one.headers)
                assert answer.status_code == (200 if seen else 404)


@pytest.mark.parametrize("zone", ZONES)
async def test_news_of_a_child_reach_who_they_depend_on_that_day(scene: Scene, zone: str) -> None:
    async with scene.db.transaction() as session:
        unit = await places.unit(session, timezone=zone)
        holder, child = [await actors.person(session, unit) for _ in range(2)]
        await places.depend(session, holder, child, ends_on=LAST)
    await steps.run(
        scene,
        "INSERT INTO account (person_id, curp, email, language, created_at, assurance) VALUES"
        f" ('{holder.id}', '{holder.curp}', 'h@ejemplo.mx', 'es', now(), 'full')",
    )
    for day, hour, minute, count in ((LAST, 23, 30, 1), (LAST + timedelta(days=1), 0, 30, 0)):
        moment = datetime.combine(day, time(hour, minute), ZoneInfo(zone))
        async with scene.db.transaction() as session:
            for unit_id in (unit.id, None):
                event = Event(**(BLANK | {"at": moment, "unit_id": unit_id, "person_id": child.id}))
                assert len(await contacts.find_recipients(session, child.id, None, event)) == count
