"""Services about numbers, certificates, clinics and families over HTTP: the happy path, and each way rules refuse."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from app.registry.models import Dependant, Person, Withdrawal
from tests.requests import actors
from tests.requests.conftest import Scene
from tests.requests.factories import clinic
from tests.requests.history import ago, create_person, failed, found_by_staff, relative, stored, worked


async def test_nss_assign(scene: Scene) -> None:
    new = await create_person(scene, insured=False, nss=False)
    done = await new.submit_request("nss-assign", email="ana@ejemplo.mx")
    assert (done["outcome"], done["certificate"]) == ("approved", True)
    async with scene.db.transaction() as session:
        who = await session.get(Person, new.person_id)
    assert who is not None
    assert who.nss == done["rows"][0]["value"] if done["rows"] else who.nss
    assert len(who.nss or "") == 11


async def test_nss_assign_refuses_who_has_one(scene: Scene) -> None:
    done = await scene.citizen.submit_request("nss-assign", email="ana@ejemplo.mx")
    assert (done["outcome"], failed(done)) == ("refused", {"has_no_nss"})
    assert done["reasons"][0]["text"] == "Ya hay un número de seguridad social a su nombre en el registro"


async def test_nss_assign_needs_a_contact(scene: Scene) -> None:
    new = await create_person(scene, insured=False, nss=False)
    draft = (await new.start("nss-assign")).json()
    refused = await new.submit(draft["folio"])
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "email")


async def test_nss_find(scene: Scene) -> None:
    done = await scene.citizen.submit_request("nss-find")
    assert (done["outcome"], done["certificate"]) == ("approved", True)
    without = await create_person(scene, insured=False, nss=False)
    assert (await without.submit_request("nss-find"))["outcome"] == "refused"


async def test_vigencia(scene: Scene) -> None:
    child = await relative(scene, ago(3000), of=scene.citizen)
    done = await scene.citizen.submit_request("vigencia")
    assert done["outcome"] == "approved"
    result = await stored(scene, done["folio"])
    assert (result["facts"]["in_force"], result["facts"]["reason"]) == (True, "affiliated")
    assert len(result["facts"]["dependants"]) == 1
    assert child


async def test_weeks_counts_overlaps_once_and_takes_withdrawn_ones_off(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (date(2020, 1, 1), date(2020, 1, 14)), (date(2020, 1, 8), date(2020, 1, 18)))
    async with scene.db.transaction() as session:
        session.add(Withdrawal(person_id=who.person_id, on_date=date(2021, 1, 1), weeks=1))
    done = await who.submit_request("weeks", by_employer=True)
    facts = (await stored(scene, done["folio"]))["facts"]
    # 18 days are two weeks and four days: three weeks, less the one withdrawn.
    assert (facts["days"], facts["weeks"], facts["withdrawn"]) == (18, 2, 1)
    assert [period["employer"] for period in facts["periods"]] == ["E0", "E1"]


async def test_weeks_refuses_who_has_no_number(scene: Scene) -> None:
    who = await create_person(scene, insured=False, nss=False)
    assert failed(await who.submit_request("weeks")) == {"has_nss"}


@pytest.mark.parametrize("service", ["clinic-register", "clinic-change"])
async def test_clinic(scene: Scene, service: str) -> None:
    unit_id = await clinic(scene)
    done = await scene.citizen.submit_request(service, postal_code="06700", unit_id=unit_id, shift="V")
    assert done["outcome"] == "approved", done
    async with scene.db.transaction() as session:
        ana = await session.get(Person, scene.ana.id)
    assert ana is not None
    assert (str(ana.unit_id), ana.shift, ana.room, ana.postal_code) == (unit_id, "V", 3, "06700")


async def test_clinic_change_only_once_in_ninety_days_unless_the_address_changed(scene: Scene) -> None:
    unit_id = await clinic(scene)
    answers: dict[str, Any] = {"postal_code": "06700", "unit_id": unit_id, "shift": "V"}
    await scene.citizen.submit_request("clinic-change", **answers)
    again = await scene.citizen.submit_request("clinic-change", **answers)
    assert (again["outcome"], failed(again)) == ("refused", {"not_changed_within"})
    other = await clinic(scene, postal_code="64000")
    moved = await scene.citizen.start("clinic-change", postal_code="64000", unit_id=other, shift="V")
    assert [document["kind"] for document in moved.json()["required_documents"]] == ["proof-of-address"]
    done = await scene.citizen.submit_request("clinic-change", postal_code="64000", unit_id=other, shift="V")
    assert done["outcome"] == "approved", done


@pytest.mark.parametrize(
    ("about", "rule"),
    [({"postal_code": "99998"}, "postal_code_served"), ({"assigned": 10}, "room_with_place")],
)
async def test_clinic_that_rules_cannot_decide_goes_to_an_officer(
    scene: Scene, about: dict[str, Any], rule: str
) -> None:
    unit_id = await clinic(scene, **about)
    await clinic(scene)
    done = await scene.citizen.submit_request("clinic-change", postal_code="06700", unit_id=unit_id, shift="V")
    assert (done["kind"], failed(done)) == ("review", {rule})


async def test_clinic_needs_rights(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    done = await who.submit_request("clinic-register", postal_code="06700", unit_id=await clinic(scene), shift="V")
    assert (done["outcome"], failed(done)) == ("refused", {"rights_in_force"})


async def test_dependant_add(scene: Scene) -> None:
    child = await relative(scene, ago(3000))
    done = await scene.citizen.submit_request("dependant-add", kinship="child", dependant_curp=child, situation="none")
    assert (done["kind"], failed(done)) == ("review", set())
    assert [document["kind"] for document in done["required_documents"]] == ["birth-certificate"]
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "kinship-proved")
    assert decided.json()["outcome"] == "approved", decided.text
    async with scene.db.transaction() as session:
        who = await session.scalar(select(Person).where(Person.curp == child))
        assert who is not None
        assert await session.get(Dependant, (scene.ana.id, who.id)) is not None


@pytest.mark.parametrize(
    ("kinship", "born", "situation", "rule"),
    [
        ("child", ago(17 * 366), "none", "kinship_allowed"),
        ("child", ago(26 * 366), "studies", "kinship_allowed"),
    ],
)
async def test_dependant_add_refuses_by_age(scene: Scene, kinship: str, born: date, situation: str, rule: str) -> None:
    curp = await relative(scene, born)
    older = await create_person(scene, birth_on=date(1970, 1, 1))
    about: dict[str, Any] = {"studies_until": ago(-90).isoformat()} if situation == "studies" else {}
    done = await older.submit_request(
        "dependant-add", kinship=kinship, dependant_curp=curp, situation=situation, **about
    )
    assert (done["outcome"], rule in failed(done)) == ("refused", True)


async def test_dependant_add_by_disability_at_any_age(scene: Scene) -> None:
    curp = await relative(scene, ago(40 * 365))
    older = await create_person(scene, birth_on=date(1950, 1, 1))
    done = await older.submit_request("dependant-add", kinship="child", dependant_curp=curp, situation="disability")
    assert done["kind"] == "review"
    asked = {"birth-certificate", "disability-proof", "relative-identification"}
    assert {document["kind"] for document in done["required_documents"]} == asked


def partner(curp: str, **changes: Any) -> dict[str, Any]:
    about = {"kinship": "partner", "dependant_curp": curp, "partnership": "five-years", "both_unmarried": True}
    return about | changes


async def test_dependant_add_refuses_a_second_couple_and_a_parent_elsewhere(scene: Scene) -> None:
    await relative(scene, date(1991, 1, 1), of=scene.citizen, kinship="spouse")
    other = await relative(scene, date(1992, 1, 1))
    done = await scene.citizen.submit_request("dependant-add", **partner(other))
    assert (done["outcome"], failed(done)) == ("refused", {"one_couple"})
    mother = await relative(scene, date(1960, 1, 1))
    done = await scene.citizen.submit_request(
        "dependant-add", kinship="parent", dependant_curp=mother, lives_with_me=False
    )
    assert (done["outcome"], failed(done)) == ("refused", {"answer_is"})


async def test_dependant_add_without_rights_or_with_an_unknown_curp(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    child = await relative(scene, ago(3000))
    done = await who.submit_request("dependant-add", kinship="child", dependant_curp=child, situation="none")
    assert (done["outcome"], "rights_in_force" in failed(done)) == ("refused", True)
    stranger = actors.curp(date(2015, 1, 1))
    done = await scene.citizen.submit_request(
        "dependant-add", kinship="child", dependant_curp=stranger, situation="none"
    )
    assert done["kind"] == "review"
    assert await found_by_staff(scene, done["folio"]) == {"relative_known", "relative_not_covered"}


async def test_dependant_already_covered_is_flagged_to_the_officer(scene: Scene) -> None:
    other = await create_person(scene)
    child = await relative(scene, ago(3000), of=other)
    done = await scene.citizen.submit_request("dependant-add", kinship="child", dependant_curp=child, situation="none")
    assert done["kind"] == "review"
    assert await found_by_staff(scene, done["folio"]) == {"relative_not_covered"}


@pytest.mark.parametrize(
    ("service", "answers"),
    [
        ("dependant-add", {"kinship": "child", "situation": "none"}),
        ("dependant-add", {"kinship": "spouse"}),
        ("nursery", {"postal_code": "06700", "hours": "morning", "siblings": True, "single_parent": False}),
    ],
)
@pytest.mark.parametrize("days", [400, 3000, 9000])
async def test_no_one_learns_by_asking_whether_a_person_is_registered_or_covered(
    scene: Scene, service: str, answers: dict[str, Any], days: int
) -> None:
    other = await create_person(scene)
    people = {
        "registered": await relative(scene, ago(days)),
        "covered": await relative(scene, ago(days), of=other),
        "unknown": actors.curp(ago(days)),
    }
    seen: dict[str, tuple[Any, Any]] = {}
    for name, curp in people.items():
        who = await create_person(scene)
        draft = (await who.start(service, dependant_curp=curp, **answers)).json()
        if "folio" not in draft:  # refused at once, for what the CURP itself says
            seen[name] = draft["fields"], []
            continue
        done = await who.submit_request(service, dependant_curp=curp, **answers)
        stored = [draft, done, await who.get(done["folio"])]
        hidden = {"folio", "person_id", "created_at", "submitted_at", "decided_at", "answers", "documents", "history"}
        shown = [{key: value for key, value in one.items() if key not in hidden} for one in stored]
        seen[name] = shown, [[entry["type"] for entry in one["history"]] for one in stored]
    assert seen["registered"] == seen["covered"] == seen["unknown"]


async def test_dependant_remove(scene: Scene) -> None:
    curp = await relative(scene, date(1991, 1, 1), of=scene.citizen, kinship="spouse")
    done = await scene.citizen.submit_request(
        "dependant-remove", dependant_curp=curp, cause="divorce", ends_on=ago(3).isoformat()
    )
    assert done["kind"] == "review"
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "cause-proved")
    assert decided.json()["outcome"] == "approved", decided.text
    async with scene.db.transaction() as session:
        who = await session.scalar(select(Person).where(Person.curp == curp))
        assert who is not None
        link = await session.get(Dependant, (scene.ana.id, who.id))
        assert link is not None
        assert link.ends_on == ago(3)


async def test_dependant_remove_refuses_a_stranger_and_below_a_court_order(scene: Scene) -> None:
    stranger = await relative(scene, date(1991, 1, 1))
    answers: dict[str, Any] = {"cause": "other", "ends_on": ago(3).isoformat()}
    done = await scene.citizen.submit_request("dependant-remove", dependant_curp=stranger, **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"is_my_dependant"})
    child = await relative(scene, ago(3000), of=scene.citizen)
    async with scene.db.transaction() as session:
        link = await session.scalar(select(Dependant).where(Dependant.holder_id == scene.ana.id))
        assert link is not None
        link.is_protected = True
    done = await scene.citizen.submit_request("dependant-remove", dependant_curp=child, **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"no_court_order"})


async def test_data_correct(scene: Scene) -> None:
    done = await scene.citizen.submit_request("data-correct", field="name", first_surname="  Muñoz ")
    assert done["kind"] == "review"
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "documents-agree")
    assert decided.status_code == 200, decided.text
    async with scene.db.transaction() as session:
        ana = await session.get(Person, scene.ana.id)
    assert ana is not None
    assert ana.first_surname == "Muñoz"


async def test_who_has_a_closed_clinic_can_ask_for_another(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        unit = await session.get_one(type(scene.unit), scene.unit.id)
        unit.is_operating = False
    started = await scene.citizen.start("clinic-change", postal_code="06700")
    assert started.status_code == 201, started.text
    assert "unit_id" not in started.json()["answers"], "a closed clinic isn't filled in for them"
    assert (await scene.citizen.save(started.json()["folio"], unit_id=str(scene.unit.id))).status_code == 422
