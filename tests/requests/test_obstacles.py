"""What stands in the way of an approval: shown by the preview with what to do, and refusing for that reason works.

Each was accepted at submission; the registry changed meanwhile, or only staff may be shown what it says.
"""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.places.models import Unit
from app.registry.models import Dependant, Panel, Person, VoluntaryEnrolment
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import clinic, line, set_fees
from tests.requests.history import ago, create_person, relative


async def stands_in_the_way(scene: Scene, folio: str, reason: str, slug: str, refuse: str, field: str = "") -> None:
    """The preview, the approval and the API say the same; a refusal for the reason offered is possible."""
    shown = await line(scene, folio, reason)
    assert (shown["problem"], shown["outcome"]) == (slug, None), shown
    assert shown["title"]
    assert shown["next_step"]
    assert [one["field"] for one in shown["fields"]] == ([field] if field else [])
    await scene.officer.claim(folio)
    done = (await scene.officer.decide(folio, "approve", reason)).json()
    assert (done["status"], done["type"]) == (409, f"/problems/{slug}")
    assert "Las cosas cambiaron" not in str(done)
    refused = await scene.officer.decide(folio, "refuse", refuse)
    assert refused.json()["outcome"] == "refused", refused.text


async def person_of(scene: Scene, curp: str) -> Person:
    async with scene.db.transaction() as session:
        found = await session.scalar(select(Person).where(Person.curp == curp))
    assert found is not None
    return found


async def test_a_relative_no_one_knows(scene: Scene) -> None:
    unknown = actors.curp(ago(3000))
    answers: dict[str, Any] = {"kinship": "child", "dependant_curp": unknown, "situation": "none"}
    folio = (await scene.citizen.submit_request("dependant-add", **answers))["folio"]
    await stands_in_the_way(scene, folio, "kinship-proved", "relative-unknown", "not-identified")


async def test_a_relative_registered_meanwhile(scene: Scene) -> None:
    curp = await relative(scene, ago(3000))
    answers: dict[str, Any] = {"kinship": "child", "dependant_curp": curp, "situation": "none"}
    folio = (await scene.citizen.submit_request("dependant-add", **answers))["folio"]
    child = await person_of(scene, curp)
    async with scene.db.transaction() as session:
        link = {"holder_id": scene.ana.id, "person_id": child.id, "kinship": "child", "starts_on": ago(1)}
        session.add(Dependant(**link))
    again = await scene.citizen.start("dependant-add", **answers)
    assert again.json()["fields"][0]["field"] == "dependant_curp", "today it is refused at the field"
    await stands_in_the_way(scene, folio, "kinship-proved", "already-dependant", "already-registered")


async def test_two_couples_approved_one_after_the_other(scene: Scene) -> None:
    folios = []
    for kinship, more in (("spouse", {}), ("partner", {"partnership": "five-years", "both_unmarried": True})):
        curp = await relative(scene, date(1991, 1, 1))
        answers: dict[str, Any] = {"kinship": kinship, "dependant_curp": curp, **more}
        folios.append((await scene.citizen.submit_request("dependant-add", **answers))["folio"])
    assert (await line(scene, folios[0], "kinship-proved", preview=False))["outcome"] == "approved"
    await stands_in_the_way(scene, folios[1], "kinship-proved", "couple-registered", "couple-registered")
    assert await steps.how_many(scene, Dependant, Dependant.holder_id == scene.ana.id) == 1


async def ending(scene: Scene) -> tuple[str, Dependant]:
    curp = await relative(scene, date(1991, 1, 1), of=scene.citizen, kinship="spouse")
    answers: dict[str, Any] = {"dependant_curp": curp, "cause": "other", "ends_on": ago(3).isoformat()}
    folio = (await scene.citizen.submit_request("dependant-remove", **answers))["folio"]
    async with scene.db.transaction() as session:
        link = await session.scalar(select(Dependant).where(Dependant.holder_id == scene.ana.id))
    assert link is not None
    return folio, link


async def test_a_registration_that_ended_meanwhile(scene: Scene) -> None:
    folio, link = await ending(scene)
    async with scene.db.transaction() as session:
        (await session.get_one(Dependant, (link.holder_id, link.person_id))).ends_on = ago(2)
    await stands_in_the_way(scene, folio, "cause-proved", "not-dependant", "not-registered")


async def test_a_registration_that_a_court_ordered_meanwhile(scene: Scene) -> None:
    folio, link = await ending(scene)
    async with scene.db.transaction() as session:
        (await session.get_one(Dependant, (link.holder_id, link.person_id))).is_protected = True
    await stands_in_the_way(scene, folio, "cause-proved", "court-ordered", "court-order")
    async with scene.db.transaction() as session:
        assert (await session.get_one(Dependant, (link.holder_id, link.person_id))).ends_on is None


async def waiting_for_a_clinic(scene: Scene) -> tuple[str, str]:
    """A change of clinic that waits for an officer, since no room has place; its folio and the clinic."""
    unit_id = await clinic(scene, assigned=10)
    answers: dict[str, Any] = {"postal_code": "06700", "unit_id": unit_id, "shift": "V"}
    request = await scene.citizen.submit_request("clinic-change", **answers)
    assert request["kind"] == "review"
    return request["folio"], unit_id


async def test_a_room_that_is_full(scene: Scene) -> None:
    folio, _unit_id = await waiting_for_a_clinic(scene)
    await stands_in_the_way(scene, folio, "served-with-place", "panel-full", "no-place")


async def test_a_room_that_has_place_by_now_is_no_obstacle(scene: Scene) -> None:
    folio, unit_id = await waiting_for_a_clinic(scene)
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE panel SET assigned = 9 WHERE unit_id = :unit"), {"unit": unit_id})
    assert (await line(scene, folio, "served-with-place", preview=False))["outcome"] == "approved"
    assert await steps.how_many(scene, Panel, Panel.assigned == 10) == 1


async def test_a_clinic_that_closed_meanwhile(scene: Scene) -> None:
    folio, unit_id = await waiting_for_a_clinic(scene)
    async with scene.db.transaction() as session:
        (await session.get_one(Unit, UUID(unit_id))).is_operating = False
    await stands_in_the_way(scene, folio, "served-with-place", "answers-not-valid", "not-served", "unit_id")


async def test_an_enrolment_from_the_same_day(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    answers: dict[str, Any] = {"ages": "34", "illnesses": "none", "disability": False}
    folio = (await who.submit_request("family-health", **answers))["folio"]
    today = steps.TODAY
    starts_on = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    row = {"scheme": "family-health", "starts_on": starts_on, "fee": 1, "payment_line": "1"}
    async with scene.db.transaction() as session:
        session.add(VoluntaryEnrolment(person_id=who.person_id, **row))
    await set_fees(scene)
    await stands_in_the_way(scene, folio, "accepted", "already-enrolled", "already-enrolled")


@pytest.mark.parametrize("kinship", ["spouse", "partner", "child", "parent"])
async def test_oneself_is_refused_at_the_curp_over_the_api(scene: Scene, kinship: str) -> None:
    refused = await scene.citizen.start("dependant-add", kinship=kinship, dependant_curp=scene.ana.curp)
    assert (refused.status_code, [one["field"] for one in refused.json()["fields"]]) == (422, ["dependant_curp"])


async def test_a_birthday_between_saving_and_submitting_is_looked_at_again(scene: Scene) -> None:
    """The rule runs when the request is submitted too: a draft of an older version of the rule isn't let through."""
    curp = await relative(scene, date(1991, 1, 1))
    draft = (await scene.citizen.start("dependant-add", kinship="spouse", dependant_curp=curp)).json()["folio"]
    await scene.citizen.attach(draft, "marriage-certificate")
    child = actors.curp(ago(3650))
    await steps.change(scene, draft, answers={"asked_by": "holder", "kinship": "spouse", "dependant_curp": child})
    refused = await scene.citizen.submit(draft)
    assert (refused.status_code, [one["field"] for one in refused.json()["fields"]]) == (422, ["dependant_curp"])
