"""Submission: what is missing is named, what is open is shown, it happens once, and the day it is due is shown."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select

from app.catalog.loader import definition_of, load_services
from app.kernel import ids
from app.kernel.actor import Assurance, Citizen
from app.places.models import Holiday, Unit
from app.registry.models import Affiliation, Coverage, Panel, Person, VoluntaryEnrolment
from app.requests.models import Request
from app.requests.service import submission
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.waiting import until_a_session_waits


async def draft(who: actors.Citizen, service: str, **answers: Any) -> str:
    started = await who.start(service, **answers)
    assert started.status_code == 201, started.text
    folio: str = started.json()["folio"]
    return folio


def codes(answers: Sequence[httpx.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


async def test_the_same_key_again_gets_the_very_same_answer(scene: Scene) -> None:
    folio = await draft(scene.citizen, "complaint", **steps.STORY)
    first = await scene.citizen.submit(folio, key="one-and-only")
    again = await scene.citizen.submit(folio, key="one-and-only")
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    assert len(await steps.facts(scene, folio, "request.submitted")) == 1
    other = await scene.citizen.submit(await draft(scene.citizen, "data-correct"), key="one-and-only")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")


async def test_ten_at_once_with_one_key_are_one_and_get_one_answer(scene: Scene) -> None:
    folio = await draft(scene.citizen, "complaint", **steps.STORY)
    answers = await asyncio.gather(*(scene.citizen.submit(folio, key="one-and-only") for _ in range(10)))
    assert codes(answers) == [200] * 10
    assert len({answer.content for answer in answers}) == 1
    assert len(await steps.facts(scene, folio, "request.submitted")) == 1


async def test_ten_at_once_with_ten_keys_are_one(scene: Scene) -> None:
    folio = await draft(scene.citizen, "complaint", **steps.STORY)
    answers = await asyncio.gather(*(scene.citizen.submit(folio) for _ in range(10)))
    assert codes(answers) == [200] + [409] * 9
    assert len(await steps.facts(scene, folio, "request.submitted")) == 1


async def test_begun_ten_times_at_once_it_is_one_draft(scene: Scene) -> None:
    answers = await asyncio.gather(*(scene.citizen.start("complaint", about="thanks") for _ in range(10)))
    assert codes(answers) == [200] * 9 + [201]
    assert len({answer.json()["folio"] for answer in answers}) == 1
    assert await steps.how_many(scene, Request) == 1


async def test_what_is_missing_is_named(scene: Scene) -> None:
    folio = await draft(scene.citizen, "dependant-add", kinship="child")
    bare = await scene.citizen.submit(folio)
    assert bare.status_code == 422
    assert {field["field"] for field in bare.json()["fields"]} == {"dependant_curp", "situation"}
    said = {field["field"]: field["message"] for field in bare.json()["fields"]}
    assert said["dependant_curp"] == "Falta este dato: son 18 letras y números."
    assert said["situation"] == "Falta este dato: elija una opción."
    until = steps.ago(-90).isoformat()
    await scene.citizen.save(
        folio, situation="studies", studies_until=until, dependant_curp=actors.curp(date(2008, 1, 1))
    )
    unproved = await scene.citizen.submit(folio)
    assert (unproved.status_code, unproved.json()["type"]) == (422, "/problems/documents-missing")
    assert [field["field"] for field in unproved.json()["fields"]] == [
        "birth-certificate",
        "relative-identification",
        "study-proof",
    ]
    await scene.citizen.attach(folio, "birth-certificate")
    left = await scene.citizen.submit(folio)
    assert [field["field"] for field in left.json()["fields"]] == ["relative-identification", "study-proof"]
    after = await steps.row(scene, folio)
    assert (after.kind, after.submitted_at, after.due_on) == ("draft", None, None)


async def test_on_the_version_that_was_read(scene: Scene) -> None:
    folio = await draft(scene.citizen, "complaint", **steps.STORY)
    read = (await scene.citizen.get(folio))["version"]
    await scene.citizen.save(folio, about="thanks")
    stale = await scene.citizen.submit(folio, version=f'"{read}"')
    assert (stale.status_code, stale.headers["etag"]) == (412, f'"{read + 1}"')
    blind = await scene.client.post(f"/api/v1/requests/{folio}/submit", headers=scene.citizen.keyed())
    assert blind.status_code == 428
    assert (await scene.citizen.submit(folio, version=f'"{read + 1}"')).status_code == 200


async def test_what_is_open_already_is_shown(scene: Scene) -> None:
    open_one = await steps.complain(scene)
    again = await draft(scene.citizen, "complaint", **steps.STORY)
    refused = await scene.citizen.submit(again)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-open")
    assert refused.json()["folio"] == open_one
    await scene.citizen.save(again, about="suggestion")
    assert (await scene.citizen.submit(again)).status_code == 200
    await scene.citizen.post(open_one, "withdraw")
    assert await steps.complain(scene) != open_one


async def test_of_a_service_that_allows_one_no_second_is_begun(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    open_one = (await who.submit_request("pension", **steps.PENSION))["folio"]
    refused = await who.start("pension")
    assert (refused.status_code, refused.json()["folio"]) == (409, open_one)


async def family(scene: Scene) -> tuple[actors.Citizen, actors.Citizen]:
    """A grown-up child with an account, and Ana, whose dependant they are."""
    child = await steps.create_person(scene, insured=False)
    async with scene.db.transaction() as session:
        await places.depend(session, scene.ana, await steps.person(scene, child))
    return child, scene.citizen


async def test_two_of_the_family_at_once_open_one_and_the_other_is_shown_it(scene: Scene) -> None:
    child, mother = await family(scene)
    own = await draft(child, "complaint", **steps.STORY)
    hers = (await mother.start("complaint", person_id=child.person_id, **steps.STORY)).json()["folio"]
    assert own != hers
    async with scene.db.transaction() as session:
        await submission.submit(session, Citizen(child.person_id, assurance=Assurance.FULL), own)
        # Hers is looked at while his isn't committed yet: nothing to be seen, until the index has its word.
        racing = asyncio.create_task(mother.submit(hers))
        await until_a_session_waits(scene.db)
    loser = await racing
    assert (loser.status_code, loser.json()["type"]) == (409, "/problems/already-open")
    assert loser.json().get("folio") == own


async def test_ten_of_the_family_at_once_open_one(scene: Scene) -> None:
    child, mother = await family(scene)
    own = await draft(child, "complaint", **steps.STORY)
    hers = (await mother.start("complaint", person_id=child.person_id, **steps.STORY)).json()["folio"]
    answers = await asyncio.gather(*(child.submit(own) for _ in range(5)), *(mother.submit(hers) for _ in range(5)))
    assert codes(answers) == [200] + [409] * 9


async def test_the_checks_are_shown_before_anything_is_submitted(scene: Scene) -> None:
    who = await steps.create_person(scene, (date(1985, 1, 1), None), birth_on=date(1955, 3, 4))
    folio = await draft(who, "pension", **steps.PENSION)
    before = await who.get(folio)
    assert steps.failed(before) == {"has_left_work"}
    assert (before["due_on"], before["clock"]["runs"], before["actions"]) == (None, False, ["submit"])
    assert {document["kind"]: document["required"] for document in before["required_documents"]} == {
        "identification": True,
        "bank-statement": True,
        "photograph": False,
    }
    async with scene.db.transaction() as session:
        period = await session.scalar(select(Affiliation).where(Affiliation.person_id == who.person_id))
        assert period is not None
        period.ends_on = steps.ago(1)
    assert steps.failed(await who.get(folio)) == set()


WEDNESDAY = date(2026, 9, 9)


async def rest(scene: Scene, *days: tuple[date, Unit | None]) -> None:
    async with scene.db.transaction() as session:
        session.add_all(
            Holiday(id=ids.new_id(), on_date=day, unit_id=unit.id if unit else None, name="Descanso")
            for day, unit in days
        )


async def test_due_in_working_days(scene: Scene) -> None:
    other = await steps.unit(scene)
    own_days = [(date(2026, 9, 11), None), (date(2026, 9, 14), scene.unit), (date(2026, 9, 15), other)]
    await rest(scene, *own_days)
    with time_machine.travel(steps.noon(WEDNESDAY)):
        folio = await steps.complain(scene)
        seen = await scene.citizen.get(folio)
    # 15 working days: 10, 15, 17, 18, 21-25 and 28-30 September, 1, 2 and 5 October. Left out: the 11th (the agency),
    # the 14th (the unit) and the 16th (Independence); the 15th is another unit's.
    assert (seen["due_on"], seen["clock"]["target_days"], seen["clock"]["runs"]) == ("2026-10-05", 15, True)
    fact = steps.only(await steps.facts(scene, folio, "request.submitted"))
    assert fact.payload["due_on"] == "2026-10-05"


async def test_the_day_is_that_of_the_wall_at_the_unit(scene: Scene) -> None:
    late = steps.noon(WEDNESDAY) + timedelta(hours=11)  # eleven at night in Mexico City, the 10th in Greenwich
    with time_machine.travel(late):
        folio = await steps.complain(scene)
    assert (await steps.row(scene, folio)).running_since == WEDNESDAY


async def test_the_days_are_those_of_the_unit_that_attends_now(scene: Scene) -> None:
    moved_to = await steps.unit(scene)
    await rest(scene, *((date(2026, 9, day), moved_to) for day in (10, 11)))
    with time_machine.travel(steps.noon(WEDNESDAY)):
        folio = await draft(scene.citizen, "complaint", **steps.STORY)
        async with scene.db.transaction() as session:
            (await session.get_one(Person, scene.ana.id)).unit_id = moved_to.id
        done = (await scene.citizen.submit(folio)).json()
    row = await steps.row(scene, folio)
    assert (row.unit_id, done["due_on"]) == (moved_to.id, "2026-10-05")


async def test_a_request_keeps_the_version_it_began_with(scene: Scene) -> None:
    today = definition_of(load_services()["complaint"])
    reasons = [*today["decision"]["reasons"], {**today["decision"]["reasons"][0], "code": "as-it-was"}]
    await steps.publish(
        scene,
        "complaint",
        901,
        target=today["target"] | {"working_days": 3},
        decision=today["decision"] | {"reasons": reasons},
        form=today["form"] | {"schema": today["form"]["schema"] | {"required": ["about", "story", "happened_on"]}},
    )
    folio = await draft(scene.citizen, "complaint", **steps.STORY)
    await steps.change(scene, folio, service_version=901, target_days=3)
    resumed = await scene.citizen.start("complaint", about="thanks")
    assert (resumed.status_code, resumed.json()["service_version"]) == (200, 901)
    missing = await scene.citizen.submit(folio)
    assert [field["field"] for field in missing.json()["fields"]] == ["happened_on"]
    await scene.citizen.save(folio, happened_on="2026-09-01")
    with time_machine.travel(steps.noon(WEDNESDAY)):
        done = (await scene.citizen.submit(folio)).json()
        assert (done["due_on"], done["service_version"]) == ("2026-09-14", 901), done
        await scene.officer.claim(folio)
        decided = await scene.officer.decide(folio, "approve", "as-it-was")
    assert decided.json()["outcome"] == "approved", decided.text
    assert steps.only(await steps.facts(scene, folio, "request.decided")).service_version == 901


async def test_a_resumed_draft_is_validated_by_its_own_form(scene: Scene) -> None:
    form = definition_of(load_services()["complaint"])["form"]
    schema = form["schema"] | {"properties": form["schema"]["properties"] | {"mood": {"type": "string"}}}
    await steps.publish(scene, "complaint", 902, form=form | {"schema": schema})
    folio = await draft(scene.citizen, "complaint", about="thanks")
    await steps.change(scene, folio, service_version=902)
    resumed = await scene.citizen.start("complaint", mood="sour")
    assert (resumed.status_code, resumed.json()["answers"]["mood"]) == (200, "sour")


async def test_the_last_place_of_a_room_is_given_once(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        session.add(Panel(unit_id=scene.unit.id, shift="M", room=7, capacity=1, assigned=0))
        session.add(Coverage(unit_id=scene.unit.id, postal_code="06700"))
    answers = {"postal_code": "06700", "unit_id": str(scene.unit.id), "shift": "M"}
    people = [await steps.create_person(scene, room=None) for _ in range(2)]
    folios = [await draft(who, "clinic-register", **answers) for who in people]
    done = await asyncio.gather(*(who.submit(folio) for who, folio in zip(people, folios, strict=True)))
    assert sorted(one.json()["status"] for one in done) == ["approved", "review"], [one.text for one in done]


@pytest.mark.parametrize("days_later", [0, 40])
async def test_what_is_already_given_is_not_given_twice(scene: Scene, days_later: int) -> None:
    who = await steps.create_person(scene, (date(2015, 1, 1), steps.ago(10)))
    first = await who.submit_request("modality-40", daily_wage=1000, starts="request")
    assert first["outcome"] == "approved", first["checks"]
    await steps.set_figure(scene, "minimum-wage", date(2027, 1, 1), value=330)
    with time_machine.travel(steps.noon(steps.TODAY + timedelta(days=days_later))):
        again = await who.submit_request("modality-40", daily_wage=1000, starts="request")
    expected = "review" if days_later == 0 else "approved"
    assert again["status"] == expected
    assert await steps.how_many(scene, VoluntaryEnrolment) == (1 if days_later == 0 else 2)
    if days_later == 0:
        await scene.officer.claim(again["folio"])
        clash = await scene.officer.decide(again["folio"], "approve", "meets-law")
        assert clash.status_code == 409, clash.text
