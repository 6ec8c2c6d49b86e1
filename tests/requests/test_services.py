"""Every service over HTTP: its happy path, and each way its rules refuse."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.registry.models import Coverage, Dependant, Panel, Person, SickLeave, VoluntaryEnrolment, Withdrawal
from tests.appointments import make as places
from tests.requests import make
from tests.requests.conftest import Scene

TODAY = clock.today("America/Mexico_City")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def failed(request: dict[str, Any]) -> set[str]:
    return {check["rule"] for check in request["checks"] if check["outcome"] != "pass"}


async def somebody(scene: Scene, **about: Any) -> make.Citizen:
    async with scene.db.transaction() as session:
        who = await make.person(session, scene.unit, **about)
    return make.Citizen(scene.client, who.id)


async def worked(scene: Scene, citizen: make.Citizen, *periods: tuple[date, date | None]) -> None:
    async with scene.db.transaction() as session:
        who = await session.get(Person, citizen.person_id)
        assert who is not None
        for number, (starts_on, ends_on) in enumerate(periods):
            await places.affiliate(session, who, starts_on=starts_on, ends_on=ends_on, employer=f"E{number}")


async def relative(scene: Scene, birth_on: date, *, of: make.Citizen | None = None, kinship: str = "child") -> str:
    async with scene.db.transaction() as session:
        who = await make.person(session, scene.unit, birth_on=birth_on, insured=False, nss=False)
        if of is not None:
            session.add(Dependant(holder_id=of.person_id, person_id=who.id, kinship=kinship, starts_on=ago(100)))
    return who.curp


async def test_nss_assign(scene: Scene) -> None:
    new = await somebody(scene, insured=False, nss=False)
    done = await new.hand_in("nss-assign", email="ana@ejemplo.mx")
    assert (done["outcome"], done["certificate"]) == ("approved", True)
    async with scene.db.transaction() as session:
        who = await session.get(Person, new.person_id)
    assert who is not None
    assert who.nss == done["rows"][0]["value"] if done["rows"] else who.nss
    assert len(who.nss or "") == 11


async def test_nss_assign_refuses_who_has_one(scene: Scene) -> None:
    done = await scene.citizen.hand_in("nss-assign", email="ana@ejemplo.mx")
    assert (done["outcome"], failed(done)) == ("refused", {"has_no_nss"})
    assert done["reasons"][0]["text"] == "Todavía no tiene número de seguridad social"


async def test_nss_assign_needs_a_contact(scene: Scene) -> None:
    new = await somebody(scene, insured=False, nss=False)
    draft = (await new.start("nss-assign")).json()
    refused = await new.submit(draft["folio"])
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "email")


async def test_nss_find(scene: Scene) -> None:
    done = await scene.citizen.hand_in("nss-find")
    assert (done["outcome"], done["certificate"]) == ("approved", True)
    without = await somebody(scene, insured=False, nss=False)
    assert (await without.hand_in("nss-find"))["outcome"] == "refused"


async def test_vigencia(scene: Scene) -> None:
    child = await relative(scene, ago(3000), of=scene.citizen)
    done = await scene.citizen.hand_in("vigencia")
    assert done["outcome"] == "approved"
    result = await kept(scene, done["folio"])
    assert (result["facts"]["in_force"], result["facts"]["reason"]) == (True, "affiliated")
    assert len(result["facts"]["dependants"]) == 1
    assert child


async def kept(scene: Scene, folio: str) -> dict[str, Any]:
    from app.requests.models import Request

    async with scene.db.transaction() as session:
        result: dict[str, Any] | None = await session.scalar(select(Request.result).where(Request.folio == folio))
    assert result is not None
    return result


async def test_weeks_counts_overlaps_once_and_takes_withdrawn_ones_off(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    await worked(scene, who, (date(2020, 1, 1), date(2020, 1, 14)), (date(2020, 1, 8), date(2020, 1, 18)))
    async with scene.db.transaction() as session:
        session.add(Withdrawal(person_id=who.person_id, on_date=date(2021, 1, 1), weeks=1))
    done = await who.hand_in("weeks", by_employer=True)
    facts = (await kept(scene, done["folio"]))["facts"]
    # 18 days are two weeks and four days: three weeks, less the one withdrawn.
    assert (facts["days"], facts["weeks"], facts["withdrawn"]) == (18, 2, 1)
    assert [period["employer"] for period in facts["periods"]] == ["E0", "E1"]


async def test_weeks_refuses_who_has_no_number(scene: Scene) -> None:
    who = await somebody(scene, insured=False, nss=False)
    assert failed(await who.hand_in("weeks")) == {"has_nss"}


async def clinic(scene: Scene, *, postal_code: str = "06700", capacity: int = 10, assigned: int = 0) -> str:
    async with scene.db.transaction() as session:
        unit = await places.unit(session, name="UMF 2")
        session.add(Coverage(postal_code=postal_code, unit_id=unit.id))
        session.add(Panel(unit_id=unit.id, shift="V", room=3, capacity=capacity, assigned=assigned))
    return str(unit.id)


@pytest.mark.parametrize("service", ["clinic-register", "clinic-change"])
async def test_clinic(scene: Scene, service: str) -> None:
    unit_id = await clinic(scene)
    done = await scene.citizen.hand_in(service, postal_code="06700", unit_id=unit_id, shift="V")
    assert done["outcome"] == "approved", done
    async with scene.db.transaction() as session:
        ana = await session.get(Person, scene.ana.id)
    assert ana is not None
    assert (str(ana.unit_id), ana.shift, ana.room, ana.postal_code) == (unit_id, "V", 3, "06700")


async def test_clinic_change_only_once_in_ninety_days_unless_the_address_changed(scene: Scene) -> None:
    unit_id = await clinic(scene)
    answers = {"postal_code": "06700", "unit_id": unit_id, "shift": "V"}
    await scene.citizen.hand_in("clinic-change", **answers)
    again = await scene.citizen.hand_in("clinic-change", **answers)
    assert (again["outcome"], failed(again)) == ("refused", {"not_changed_within"})
    other = await clinic(scene, postal_code="64000")
    moved = await scene.citizen.start("clinic-change", postal_code="64000", unit_id=other, shift="V")
    assert [paper["kind"] for paper in moved.json()["papers"]] == ["proof-of-address"]
    done = await scene.citizen.hand_in("clinic-change", postal_code="64000", unit_id=other, shift="V")
    assert done["outcome"] == "approved", done


@pytest.mark.parametrize(
    ("about", "rule"),
    [({"postal_code": "99999"}, "postal_code_served"), ({"assigned": 10}, "room_with_place")],
)
async def test_clinic_that_rules_cannot_decide_goes_to_an_officer(
    scene: Scene, about: dict[str, Any], rule: str
) -> None:
    unit_id = await clinic(scene, **about)
    await clinic(scene)
    done = await scene.citizen.hand_in("clinic-change", postal_code="06700", unit_id=unit_id, shift="V")
    assert (done["kind"], failed(done)) == ("review", {rule})


async def test_clinic_needs_rights(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    done = await who.hand_in("clinic-register", postal_code="06700", unit_id=await clinic(scene), shift="V")
    assert (done["outcome"], failed(done)) == ("refused", {"rights_in_force"})


async def test_dependant_add(scene: Scene) -> None:
    child = await relative(scene, ago(3000))
    done = await scene.citizen.hand_in("dependant-add", kinship="child", dependant_curp=child, situation="none")
    assert (done["kind"], failed(done)) == ("review", set())
    assert [paper["kind"] for paper in done["papers"]] == ["birth-certificate"]
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
    older = await somebody(scene, birth_on=date(1970, 1, 1))
    done = await older.hand_in("dependant-add", kinship=kinship, dependant_curp=curp, situation=situation)
    assert (done["outcome"], rule in failed(done)) == ("refused", True)


async def test_dependant_add_by_disability_at_any_age(scene: Scene) -> None:
    curp = await relative(scene, ago(40 * 365))
    older = await somebody(scene, birth_on=date(1950, 1, 1))
    done = await older.hand_in("dependant-add", kinship="child", dependant_curp=curp, situation="disability")
    assert done["kind"] == "review"
    assert {paper["kind"] for paper in done["papers"]} == {"birth-certificate", "disability-proof"}


async def test_dependant_add_refuses_a_second_couple_and_a_parent_elsewhere(scene: Scene) -> None:
    await relative(scene, date(1991, 1, 1), of=scene.citizen, kinship="spouse")
    other = await relative(scene, date(1992, 1, 1))
    done = await scene.citizen.hand_in("dependant-add", kinship="partner", dependant_curp=other, lives_with_me=True)
    assert (done["outcome"], failed(done)) == ("refused", {"one_couple"})
    mother = await relative(scene, date(1960, 1, 1))
    done = await scene.citizen.hand_in("dependant-add", kinship="parent", dependant_curp=mother, lives_with_me=False)
    assert (done["outcome"], failed(done)) == ("refused", {"answer_is"})


async def test_dependant_add_without_rights_or_with_an_unknown_curp(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    child = await relative(scene, ago(3000))
    done = await who.hand_in("dependant-add", kinship="child", dependant_curp=child, situation="none")
    assert (done["outcome"], "rights_in_force" in failed(done)) == ("refused", True)
    stranger = make.curp(date(2015, 1, 1))
    done = await scene.citizen.hand_in("dependant-add", kinship="child", dependant_curp=stranger, situation="none")
    assert (done["kind"], "relative_known" in failed(done)) == ("review", True)


async def test_dependant_already_covered_is_flagged_to_the_officer(scene: Scene) -> None:
    other = await somebody(scene)
    child = await relative(scene, ago(3000), of=other)
    done = await scene.citizen.hand_in("dependant-add", kinship="child", dependant_curp=child, situation="none")
    assert (done["kind"], failed(done)) == ("review", {"relative_not_covered"})


async def test_dependant_remove(scene: Scene) -> None:
    curp = await relative(scene, date(1991, 1, 1), of=scene.citizen, kinship="spouse")
    done = await scene.citizen.hand_in(
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
    answers = {"cause": "other", "ends_on": ago(3).isoformat()}
    done = await scene.citizen.hand_in("dependant-remove", dependant_curp=stranger, **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"is_my_dependant"})
    child = await relative(scene, ago(3000), of=scene.citizen)
    async with scene.db.transaction() as session:
        link = await session.scalar(select(Dependant).where(Dependant.holder_id == scene.ana.id))
        assert link is not None
        link.is_protected = True
    done = await scene.citizen.hand_in("dependant-remove", dependant_curp=child, **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"no_court_order"})


async def test_data_correct(scene: Scene) -> None:
    done = await scene.citizen.hand_in("data-correct", field="first_surname", value="  Muñoz ")
    assert done["kind"] == "review"
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "documents-agree")
    assert decided.status_code == 200, decided.text
    async with scene.db.transaction() as session:
        ana = await session.get(Person, scene.ana.id)
    assert ana is not None
    assert ana.first_surname == "Muñoz"


async def test_data_that_disagrees_with_the_curp_is_flagged(scene: Scene) -> None:
    done = await scene.citizen.hand_in("data-correct", field="birth_on", value="1991-05-17")
    assert (done["kind"], failed(done)) == ("review", {"agrees_with_curp"})
    right = await scene.citizen.hand_in("data-correct", field="sex", value="M")
    assert failed(right) == set()
    wrong = await scene.citizen.start("data-correct", field="birth_on", value="17/05/1991")
    assert wrong.status_code == 422


async def test_sick_leave(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        for number, (kind, days) in enumerate([("illness", 10), ("work-risk", 7)]):
            session.add(
                SickLeave(
                    person_id=scene.ana.id,
                    folio=f"I{number}",
                    kind=kind,
                    starts_on=ago(60),
                    days=days,
                    daily_wage=500,
                )
            )
    facts = (await kept(scene, (await scene.citizen.hand_in("sick-leave"))["folio"]))["facts"]
    paid = {leave["kind"]: (leave["paid_days"], leave["payment"]) for leave in facts["leaves"]}
    assert paid == {"illness": (7, "2100.00"), "work-risk": (7, "3500.00")}
    assert facts["total"] == "5600.00"
    without = await somebody(scene, insured=False, nss=False)
    assert failed(await without.hand_in("sick-leave")) == {"has_nss"}


UNEMPLOYED = {"afore": "AFORE Uno", "clabe": make.CLABE, "understands_weeks": True}


async def test_unemployment(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    await worked(scene, who, (date(2015, 1, 1), ago(46)))
    done = await who.hand_in("unemployment", **UNEMPLOYED)
    assert done["outcome"] == "approved", done["checks"]
    again = await who.hand_in("unemployment", **UNEMPLOYED)
    assert (again["outcome"], failed(again)) == ("refused", {"no_withdrawal_within"})


@pytest.mark.parametrize(
    ("period", "rule"),
    [
        ((date(2015, 1, 1), ago(45)), "days_without_work"),
        ((date(2015, 1, 1), None), "days_without_work"),
        ((ago(400), ago(60)), "weeks_or_account"),
    ],
)
async def test_unemployment_refuses(scene: Scene, period: tuple[date, date | None], rule: str) -> None:
    who = await somebody(scene, insured=False)
    await worked(scene, who, period)
    done = await who.hand_in("unemployment", **UNEMPLOYED)
    assert (done["outcome"], failed(done)) == ("refused", {rule})


async def test_a_wrong_clabe_is_told_at_once(scene: Scene) -> None:
    wrong = await scene.citizen.start("unemployment", **(UNEMPLOYED | {"clabe": "032180000118359718"}))
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "clabe")


async def test_not_insured(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    assert (await who.hand_in("not-insured"))["outcome"] == "approved"
    assert failed(await scene.citizen.hand_in("not-insured")) == {"not_insured"}


async def test_modality_40(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    done = await who.hand_in("modality-40", daily_wage=1000)
    assert done["outcome"] == "approved", done["checks"]
    async with scene.db.transaction() as session:
        kept_row = await session.scalar(select(VoluntaryEnrolment).where(VoluntaryEnrolment.person_id == who.person_id))
    assert kept_row is not None
    # 1000 x 30.4 days x 14.438 %
    assert str(kept_row.fee) == "4389.15"
    assert any(row["value"] == kept_row.payment_line for row in done["rows"])


@pytest.mark.parametrize(
    ("period", "wage", "rule"),
    [
        ((ago(1000), None), 1000, {"has_left_work", "left_within"}),
        ((ago(4000), ago(1830)), 1000, {"left_within"}),
        ((ago(200), ago(100)), 1000, {"weeks_within"}),
        ((ago(1000), ago(100)), 3000, {"wage_between"}),
        ((ago(1000), ago(100)), 300, {"wage_between"}),
    ],
)
async def test_modality_40_refuses(scene: Scene, period: tuple[date, date | None], wage: int, rule: set[str]) -> None:
    who = await somebody(scene, insured=False)
    await worked(scene, who, period)
    done = await who.hand_in("modality-40", daily_wage=wage)
    assert (done["outcome"], failed(done)) == ("refused", rule)


async def test_family_health(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    done = await who.hand_in("family-health", ages="34, 31,6", illnesses="none", disability=False)
    assert done["kind"] == "review"
    await scene.officer.claim(done["folio"])
    decided = (await scene.officer.decide(done["folio"], "approve", "accepted")).json()
    assert decided["outcome"] == "approved"
    assert {"label": "Cuota anual", "value": "32600 MXN"} in decided["rows"]


async def test_family_health_refuses_the_insured_and_flags_illnesses(scene: Scene) -> None:
    answers = {"ages": "34", "illnesses": "none", "disability": False}
    done = await scene.citizen.hand_in("family-health", **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"not_insured"})
    who = await somebody(scene, insured=False)
    ill = answers | {"illnesses": "excluded", "illness_detail": "Insuficiencia renal"}
    done = await who.hand_in("family-health", **ill)
    assert (done["kind"], failed(done)) == ("review", {"answer_is"})


def nursery(curp: str) -> dict[str, Any]:
    return {
        "dependant_curp": curp,
        "postal_code": "06700",
        "hours": "morning",
        "siblings": True,
        "single_parent": False,
    }


async def test_nursery_place_and_wait_list(scene: Scene) -> None:
    positions = []
    for _ in range(2):
        child = await relative(scene, ago(400))
        done = await scene.citizen.hand_in("nursery", **nursery(child))
        await scene.officer.claim(done["folio"])
        decided = (await scene.officer.decide(done["folio"], "approve", "wait-list")).json()
        positions.append({row["label"]: row["value"] for row in decided["rows"]}["Posición en la lista"])
    assert positions == ["1", "2"]


@pytest.mark.parametrize("born", [ago(42), ago(4 * 366)])
async def test_nursery_refuses_by_age(scene: Scene, born: date) -> None:
    done = await scene.citizen.hand_in("nursery", **nursery(await relative(scene, born)))
    assert (done["outcome"], failed(done)) == ("refused", {"child_age_between"})


async def test_nursery_is_for_who_works(scene: Scene) -> None:
    who = await somebody(scene, insured=False)
    done = await who.hand_in("nursery", **nursery(await relative(scene, ago(400))))
    assert (done["outcome"], failed(done)) == ("refused", {"works_now"})


async def test_complaint(scene: Scene) -> None:
    who = await somebody(scene, insured=False, nss=False)
    done = await who.hand_in("complaint", about="complaint", story="La farmacia estaba cerrada.")
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "answered", message="Ya abre a las ocho.")
    assert decided.json()["outcome"] == "approved"
    assert "Ya abre a las ocho." in [said["body"] for said in (await who.get(done["folio"]))["messages"]]
