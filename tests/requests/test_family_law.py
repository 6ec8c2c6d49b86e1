"""Who may be registered as a dependant and by which documents (LSS arts. 5-A XII and 84), who gets a nursery place
(art. 201), and corrections of every datum: dated examples over HTTP."""

from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from stdnum.mx.curp import calc_check_digit

from app.catalog.loader import load_services
from app.registry.models import Dependant, Person, PersonalDataView
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.history import create_person, failed, found_by_staff, relative

PARTNER: dict[str, Any] = {"kinship": "partner", "both_unmarried": True}


def documents(request: dict[str, Any]) -> set[str]:
    return {paper["kind"] for paper in request["required_documents"] if paper["required"]}


async def approve(scene: Scene, folio: str, reason: str) -> dict[str, Any]:
    await scene.officer.claim(folio)
    decided = await scene.officer.decide(folio, "approve", reason)
    assert decided.status_code == 200, decided.text
    answer: dict[str, Any] = decided.json()
    return answer


async def link_of(scene: Scene, curp: str) -> Dependant:
    async with scene.db.transaction() as session:
        wanted = select(Dependant).join(Person, Person.id == Dependant.person_id).where(Person.curp == curp)
        found = await session.scalar(wanted)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("proof", "paper"), [("five-years", "partner-declaration"), ("common-child", "common-child-certificate")]
)
async def test_a_partner_is_proved_by_five_years_or_by_a_child(scene: Scene, proof: str, paper: str) -> None:
    """Art. 84 III (DOF 20-01-2023): five years together, or children, as long as both are free of marriage."""
    curp = await relative(scene, date(1991, 1, 1))
    done = await scene.citizen.submit_request("dependant-add", **PARTNER, dependant_curp=curp, partnership=proof)
    assert (done["kind"], failed(done), documents(done)) == ("review", set(), {paper, "relative-identification"})
    await approve(scene, done["folio"], "kinship-proved")
    assert (await link_of(scene, curp)).kinship == "partner"


async def test_a_partner_who_is_married_is_refused(scene: Scene) -> None:
    curp = await relative(scene, date(1991, 1, 1))
    asked = PARTNER | {"dependant_curp": curp, "partnership": "common-child"}
    done = await scene.citizen.submit_request("dependant-add", **asked | {"both_unmarried": False})
    assert (done["outcome"], failed(done)) == ("refused", {"free_of_marriage"})
    assert done["reasons"][0]["text"] == "Indicó que uno de los dos está casado con otra persona"
    # Neither is left open, and nothing else is asked of a partner.
    draft = (await scene.citizen.start("dependant-add", kinship="partner", dependant_curp=curp)).json()
    missing = {error["field"] for error in (await scene.citizen.submit(draft["folio"])).json()["fields"]}
    assert missing == {"partnership", "both_unmarried"}


async def test_a_civil_union_is_proved_by_its_own_act(scene: Scene) -> None:
    """Art. 5-A XII (DOF 20-01-2023): who signed a civil union, without five years."""
    curp = await relative(scene, date(1991, 1, 1))
    done = await scene.citizen.submit_request("dependant-add", kinship="civil-union", dependant_curp=curp)
    assert documents(done) == {"civil-union-certificate", "relative-identification"}
    await approve(scene, done["folio"], "kinship-proved")
    assert (await link_of(scene, curp)).kinship == "civil-union"
    # There is one couple at a time, whatever it is called.
    other = await relative(scene, date(1992, 1, 1))
    second = await scene.citizen.submit_request("dependant-add", kinship="spouse", dependant_curp=other)
    assert (second["outcome"], failed(second)) == ("refused", {"one_couple"})


async def test_only_adult_relatives_are_identified(scene: Scene) -> None:
    older = await create_person(scene, birth_on=date(1960, 1, 1))
    day = steps.TODAY
    for born, asked in ((day.replace(year=day.year - 18), True), (day.replace(year=day.year - 17), False)):
        about: dict[str, Any] = {"kinship": "child", "situation": "disability"}
        done = await older.submit_request("dependant-add", dependant_curp=await relative(scene, born), **about)
        assert ("relative-identification" in documents(done)) is asked


async def test_a_minor_in_ones_care_by_a_court_s_order(scene: Scene) -> None:
    """Art. 84 V (DOF 07-06-2024): under 16, by a court's order; their rights end as a child's."""
    with time_machine.travel(steps.noon(date(2026, 11, 27)), tick=True):
        curp = await relative(scene, date(2014, 3, 10))
        done = await scene.citizen.submit_request(
            "dependant-add", kinship="ward", dependant_curp=curp, situation="none"
        )
        assert documents(done) == {"birth-certificate", "court-order"}
        decided = await approve(scene, done["folio"], "kinship-proved")
        assert {row["label"]: row["value"] for row in decided["rows"]}["Hasta"] == "9 de marzo de 2030"
        link = await link_of(scene, curp)
        assert (link.kinship, link.situation) == ("ward", None)


@pytest.mark.parametrize(
    ("born", "situation", "outcome"),
    [
        (date(2010, 11, 28), "none", "review"),  # turns 16 tomorrow
        (date(2010, 11, 27), "none", "refused"),
        (date(2010, 11, 27), "studies", "review"),
    ],
)
async def test_the_age_of_a_minor_in_ones_care(scene: Scene, born: date, situation: str, outcome: str) -> None:
    with time_machine.travel(steps.noon(date(2026, 11, 27)), tick=True):
        until = {"studies_until": "2027-06-30"} if situation == "studies" else {}
        about: dict[str, Any] = {"kinship": "ward", "situation": situation, **until}
        done = await scene.citizen.submit_request("dependant-add", dependant_curp=await relative(scene, born), **about)
        assert (done["outcome"] or done["kind"]) == outcome
        assert failed(done) == ({"kinship_allowed"} if outcome == "refused" else set())


async def test_who_is_of_age_is_in_no_one_s_care(scene: Scene) -> None:
    day = steps.TODAY
    adult = await relative(scene, day.replace(year=day.year - 18))
    begun = await scene.citizen.start("dependant-add", kinship="ward", dependant_curp=adult, situation="disability")
    assert (begun.status_code, begun.json()["fields"][0]["field"]) == (422, "dependant_curp")


async def test_an_officer_sees_whom_an_approval_registers_and_the_citizen_does_not(scene: Scene) -> None:
    with time_machine.travel(steps.noon(date(2026, 11, 27)), tick=True):
        curp = await relative(scene, date(2014, 3, 10))
        done = await scene.citizen.submit_request(
            "dependant-add", kinship="ward", dependant_curp=curp, situation="none"
        )
        assert done["changes"] == []
        folio = done["folio"]
        seen = (await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)).json()["changes"]
        said = {one["field"]: one["after_text"] for one in seen}
        async with scene.db.transaction() as session:
            child = await session.scalar(select(Person).where(Person.curp == curp))
        assert child is not None
        assert said == {
            "dependant": child.full_name,
            "kinship": "Menor a su cuidado",
            "covered_from": "27 de noviembre de 2026",
            "covered_until": "9 de marzo de 2030",
        }
    assert await steps.how_many(scene, PersonalDataView, PersonalDataView.person_id == child.id) == 1


NURSERY: dict[str, Any] = {"postal_code": "06700", "hours": "morning", "siblings": False, "single_parent": True}


async def test_a_nursery_place_asks_what_the_nursery_asks(scene: Scene) -> None:
    """Art. 201 (DOF 21-10-2020): during working hours, for own children and those in custody by a court's order."""
    child = await relative(scene, steps.ago(400), of=scene.citizen)
    done = await scene.citizen.submit_request("nursery", dependant_curp=child, **NURSERY)
    usual = {"birth-certificate", "vaccination-card", "employer-statement", "medical-exam"}
    assert (done["kind"], failed(done), documents(done)) == ("review", set(), usual)
    ward = await relative(scene, steps.ago(500), of=scene.citizen, kinship="ward")
    done = await scene.citizen.submit_request("nursery", dependant_curp=ward, court_order=True, **NURSERY)
    assert (done["kind"], failed(done), documents(done)) == ("review", set(), usual | {"court-order"})


async def test_a_nursery_place_for_a_child_who_is_not_registered_is_for_an_officer(scene: Scene) -> None:
    other = await create_person(scene)
    theirs = await relative(scene, steps.ago(400), of=other)
    done = await scene.citizen.submit_request("nursery", dependant_curp=theirs, **NURSERY)
    assert (done["kind"], await found_by_staff(scene, done["folio"])) == ("review", {"is_my_child"})
    brother = await relative(scene, steps.ago(400), of=scene.citizen, kinship="parent")
    done = await scene.citizen.submit_request("nursery", dependant_curp=brother, **NURSERY)
    assert failed(done) == {"is_my_child"}


@pytest.mark.parametrize(("answers", "days"), [(actors.NAME, 2), ({"field": "nss", "nss_problem": "wrong"}, 10)])
async def test_a_name_is_answered_in_two_working_days(scene: Scene, answers: dict[str, Any], days: int) -> None:
    """IMSS-02-012: two working days. Friday 27 November 2026: until Tuesday 1 December."""
    service = (await scene.client.get("/api/v1/services/data-correct")).json()
    cases = [one for one in service["working_days_by_answer"] if answers["field"] in one["when"]["field"]]
    assert [one["working_days"] for one in cases] == ([days] if days != service["working_days"] else [])
    with time_machine.travel(steps.noon(date(2026, 11, 27)), tick=True):
        draft = (await scene.citizen.start("data-correct", **answers)).json()
        assert draft["clock"]["target_days"] == days, "before it is sent, too"
        asked = {one["kind"]: one["media_types"] for one in draft["required_documents"]}
        assert asked.items() <= {one["kind"]: one["media_types"] for one in service["documents"]}.items()
        done = await scene.citizen.submit_request("data-correct", **answers)
    assert done["clock"]["target_days"] == days
    assert done["due_on"] == {2: "2026-12-01", 10: "2026-12-11"}[days]


async def test_a_curp_is_corrected_with_what_it_says(scene: Scene) -> None:
    new = actors.curp(date(1990, 5, 18))
    done = await scene.citizen.submit_request("data-correct", field="curp", curp=new)
    assert [(one["field"], one["after"]) for one in done["changes"]] == [("birth_on", "1990-05-18"), ("curp", new)]
    await approve(scene, done["folio"], "documents-agree")
    async with scene.db.transaction() as session:
        ana = await session.get_one(Person, scene.ana.id)
    assert (ana.curp, ana.birth_on) == (new, date(1990, 5, 18))
    again = await scene.citizen.start("data-correct", field="curp", curp=new)
    assert again.json()["fields"][0]["field"] == "curp"


async def test_a_place_of_birth_is_corrected_by_the_new_curp(scene: Scene) -> None:
    same = await scene.citizen.start("data-correct", field="birth_place", curp=actors.curp(date(1990, 5, 17)))
    assert "mismo lugar de nacimiento" in same.json()["fields"][0]["message"]
    new = elsewhere(actors.curp(date(1990, 5, 17)))
    done = await scene.citizen.submit_request("data-correct", field="birth_place", curp=new)
    await approve(scene, done["folio"], "documents-agree")
    async with scene.db.transaction() as session:
        assert (await session.get_one(Person, scene.ana.id)).curp == new


def elsewhere(curp: str) -> str:
    """The CURP of someone born in Jalisco."""
    head = f"{curp[:11]}JC{curp[13:17]}"
    return head + str(calc_check_digit(head + "0"))


async def test_two_numbers_are_for_the_affiliation_area(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        own = (await session.get_one(Person, scene.ana.id)).nss
    asked: dict[str, Any] = {"field": "nss", "nss_problem": "duplicate"}
    same = await scene.citizen.start("data-correct", **asked, other_nss=own)
    assert same.json()["fields"][0]["field"] == "other_nss"
    done = await scene.citizen.submit_request("data-correct", **asked, other_nss="12345678903")
    assert documents(done) == {"identification", "birth-certificate", "nss-proof"}
    decided = await approve(scene, done["folio"], "sent-to-affiliation")
    assert {row["label"]: row["value"] for row in decided["rows"]} == {
        "Número de seguridad social": "Tengo dos números",
        "Quién lo corrige": "El área de afiliación",
    }
    async with scene.db.transaction() as session:
        assert (await session.get_one(Person, scene.ana.id)).nss == own


def test_sex_is_chosen_by_its_names() -> None:
    assert [one.label.es for one in load_services()["data-correct"].form.fields["sex"].options] == [
        *("Mujer", "Hombre", "X (no binario)")
    ]
