"""Services about money, insurance, nurseries and complaints over HTTP: the happy path, and each way rules refuse."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from app.registry.models import Person, SickLeave, VoluntaryEnrolment
from tests.law import factories as law
from tests.requests import actors
from tests.requests.conftest import Scene
from tests.requests.factories import UNEMPLOYED, set_fees
from tests.requests.history import TODAY, ago, create_person, failed, relative, stored, worked


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
    facts = (await stored(scene, (await scene.citizen.submit_request("sick-leave"))["folio"]))["facts"]
    paid = {leave["kind"]: (leave["paid_days"], leave["payment"]) for leave in facts["leaves"]}
    assert paid == {"illness": (7, "2100.00"), "work-risk": (7, "3500.00")}
    assert facts["total"] == "5600.00"
    without = await create_person(scene, insured=False, nss=False)
    assert failed(await without.submit_request("sick-leave")) == {"has_nss"}


async def test_unemployment(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (date(2015, 1, 1), ago(46)))
    done = await who.submit_request("unemployment", **UNEMPLOYED)
    assert done["outcome"] == "approved", done["checks"]
    assert {"label": "Días sin trabajo", "value": "46"} in done["rows"]
    again = await who.submit_request("unemployment", **UNEMPLOYED)
    assert again["outcome"] == "approved", "a certificate that wasn't used is no withdrawal (LSS art. 191 II)"
    assert (await stored(scene, (await who.submit_request("weeks"))["folio"]))["facts"]["withdrawn"] == 0


@pytest.mark.parametrize(("days_ago", "outcome"), [(5 * 366, "approved"), (5 * 365 - 2, "refused")])
async def test_only_what_the_fund_paid_is_a_withdrawal(scene: Scene, days_ago: int, outcome: str) -> None:
    """LSS arts. 191 II (five years) and 198 (weeks), from the fund's notice of payment."""
    who = await create_person(scene, insured=False)
    await worked(scene, who, (date(2015, 1, 1), ago(46)))
    boss = await scene.supervisor()
    async with scene.db.transaction() as session:
        person = await session.get_one(Person, who.person_id)
    body = {"curp": person.curp, "on_date": ago(days_ago).isoformat(), "weeks": 52}
    before = (await stored(scene, (await who.submit_request("weeks"))["folio"]))["facts"]
    answer = await scene.client.post("/api/v1/staff/withdrawals", json=body, headers=boss.keyed())
    assert (answer.status_code, answer.json()) == (201, {"on_date": body["on_date"], "weeks": 52})
    facts = (await stored(scene, (await who.submit_request("weeks"))["folio"]))["facts"]
    assert (facts["withdrawn"], facts["weeks"]) == (52, before["weeks"] - 52)
    done = await who.submit_request("unemployment", **UNEMPLOYED)
    assert (done["outcome"], failed(done)) == (outcome, set() if outcome == "approved" else {"no_withdrawal_within"})
    twice = await scene.client.post("/api/v1/staff/withdrawals", json=body, headers=boss.keyed())
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-withdrawn")


async def test_a_withdrawal_is_recorded_by_who_decides(scene: Scene) -> None:
    body = {"curp": scene.ana.curp, "on_date": ago(3).isoformat(), "weeks": 52}
    url = "/api/v1/staff/withdrawals"
    assert (await scene.client.post(url, json=body, headers=scene.officer.keyed())).status_code == 403
    assert (await scene.client.post(url, json=body, headers=scene.citizen.keyed())).status_code == 403
    boss = await scene.supervisor()
    later = body | {"on_date": (TODAY + timedelta(days=2)).isoformat()}
    refused = (await scene.client.post(url, json=later, headers=boss.keyed())).json()
    assert [one["field"] for one in refused["fields"]] == ["on_date"]
    no_one = body | {"curp": actors.curp(ago(9000))}
    assert (await scene.client.post(url, json=no_one, headers=boss.keyed())).status_code == 404


@pytest.mark.parametrize(
    ("period", "rule"),
    [
        ((date(2015, 1, 1), ago(45)), "days_without_work"),
        ((date(2015, 1, 1), None), "days_without_work"),
        ((ago(400), ago(60)), "weeks_or_account"),
    ],
)
async def test_unemployment_refuses(scene: Scene, period: tuple[date, date | None], rule: str) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, period)
    done = await who.submit_request("unemployment", **UNEMPLOYED)
    assert (done["outcome"], failed(done)) == ("refused", {rule})


async def test_who_works_is_refused_by_the_fact_found_and_its_article(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (date(2015, 2, 1), None))
    done = await who.submit_request("unemployment", **UNEMPLOYED)
    found = "Hoy está dado de alta por un patrón, desde el 1 de febrero de 2015; se piden 46 días sin trabajo"
    assert done["reasons"] == [
        {"code": "days_without_work", "text": found, "ground": "Ley del Seguro Social, art. 191, fracción II"}
    ]
    assert found in [check["text"] for check in done["checks"]]
    url = f"/api/v1/requests/{done['folio']}"
    english = (await scene.client.get(url, headers=who.headers | {"Accept-Language": "en"})).json()
    assert english["reasons"][0]["text"] == (
        "Registered by an employer today, since February 1, 2015; 46 days out of work are required"
    )


async def test_a_wrong_clabe_is_reported_at_once(scene: Scene) -> None:
    wrong = await scene.citizen.start("unemployment", **(UNEMPLOYED | {"clabe": "032180000118359718"}))
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "clabe")


async def test_not_insured(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    assert (await who.submit_request("not-insured"))["outcome"] == "approved"
    assert failed(await scene.citizen.submit_request("not-insured")) == {"not_insured"}


async def test_modality_40(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    done = await who.submit_request("modality-40", daily_wage=1000, starts="request")
    assert done["outcome"] == "approved", done["checks"]
    async with scene.db.transaction() as session:
        stored_row = await session.scalar(
            select(VoluntaryEnrolment).where(VoluntaryEnrolment.person_id == who.person_id)
        )
    assert stored_row is not None
    # 1000 x 30.4 days x 14.438 %
    assert str(stored_row.fee) == "4389.15"
    assert any(row["value"] == stored_row.payment_line for row in done["rows"])


@pytest.mark.parametrize(
    ("period", "wage", "rule"),
    [
        ((ago(1000), None), 1000, {"has_left_work", "left_within"}),
        ((ago(4000), ago(1830)), 1000, {"left_within"}),
        ((ago(200), ago(100)), 1000, {"weeks_within"}),
    ],
)
async def test_modality_40_refuses(scene: Scene, period: tuple[date, date | None], wage: int, rule: set[str]) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, period)
    done = await who.submit_request("modality-40", daily_wage=wage, starts="request")
    assert (done["outcome"], failed(done)) == ("refused", rule)


async def set_wages(scene: Scene) -> None:
    """The UMA and the minimum wage of 2026, whatever today is."""
    for name, amount in (("uma", "117.31"), ("minimum-wage", "315.04")):
        await law.delete_rows(scene.db, name)
        await law.put(scene.db, name, law.row(amount, date(2026, 1, 1)))


LAST_WAGE = text("UPDATE affiliation SET daily_wage = 600 WHERE person_id = :person")
BELOW_LAST = (
    "Eligió un salario diario de $500.00; no puede ser menor que el último que tiene registrado, de $600.00,"
    " ni mayor que $2,932.75."
)


@pytest.mark.parametrize(
    ("last", "wage", "message"),
    [
        (True, 500, BELOW_LAST),
        (True, 599.99, BELOW_LAST.replace("$500.00", "$599.99")),
        (False, 300, "Eligió un salario diario de $300.00; debe estar entre $315.04 y $2,932.75."),
        (False, 3000, "Eligió un salario diario de $3,000.00; debe estar entre $315.04 y $2,932.75."),
    ],
)
async def test_a_wage_out_of_its_limits_is_refused_where_it_is_written(
    scene: Scene, last: bool, wage: float, message: str
) -> None:
    """LSS art. 218: the last wage or more, at most 25 UMA. It is said with the figures, and no request is refused."""
    await set_wages(scene)
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    if last:
        async with scene.db.transaction() as session:
            await session.execute(LAST_WAGE, {"person": who.person_id})
    refused = await who.start("modality-40", daily_wage=wage, starts="request")
    assert refused.status_code == 422
    assert refused.json()["fields"] == [{"field": "daily_wage", "code": "wrong_answer", "message": message}]
    draft = (await who.start("modality-40", starts="request")).json()
    saved_empty = await who.save(draft["folio"], daily_wage=wage)
    assert saved_empty.status_code == 422
    assert (await who.save(draft["folio"], daily_wage=600)).status_code == 200
    assert (await who.submit(draft["folio"])).json()["outcome"] == "approved"


async def test_a_wage_that_is_out_of_its_limits_by_now_is_refused_before_it_is_submitted(scene: Scene) -> None:
    await set_wages(scene)
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    draft = (await who.start("modality-40", daily_wage=500, starts="request")).json()
    async with scene.db.transaction() as session:
        await session.execute(LAST_WAGE, {"person": who.person_id})
    refused = await who.submit(draft["folio"])
    assert (refused.status_code, refused.json()["fields"][0]["message"]) == (422, BELOW_LAST)


async def test_family_health(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    done = await who.submit_request("family-health", ages="34, 31,6", illnesses="none", disability=False)
    assert done["kind"] == "review"
    await scene.officer.claim(done["folio"])
    waits = (await scene.officer.decide(done["folio"], "approve", "accepted")).json()
    assert (waits["status"], waits["type"]) == (409, "/problems/figure-missing"), "the fees of 2026 aren't known"
    async with scene.db.transaction() as session:
        enrolled = select(VoluntaryEnrolment).where(VoluntaryEnrolment.person_id == who.person_id)
        assert await session.scalar(enrolled) is None
    await set_fees(scene)
    decided = (await scene.officer.decide(done["folio"], "approve", "accepted")).json()
    assert decided["outcome"] == "approved"
    assert {"label": "Cuota anual", "value": "32600 MXN"} in decided["rows"]


async def test_family_health_refuses_the_insured_and_flags_illnesses(scene: Scene) -> None:
    answers: dict[str, Any] = {"ages": "34", "illnesses": "none", "disability": False}
    done = await scene.citizen.submit_request("family-health", **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"not_insured_otherwise"})
    who = await create_person(scene, insured=False)
    ill: dict[str, Any] = answers | {"illnesses": "excluded", "illness_detail": "Insuficiencia renal"}
    done = await who.submit_request("family-health", **ill)
    assert (done["kind"], failed(done)) == ("review", {"illness_allowed"})
    left = await create_person(scene, insured=False)
    await worked(scene, left, (ago(800), ago(300)))
    done = await left.submit_request("family-health", **ill)
    assert (done["kind"], failed(done)) == ("review", set()), "52 weeks, and left less than 12 months ago"


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
        child = await relative(scene, ago(400), of=scene.citizen)
        done = await scene.citizen.submit_request("nursery", **nursery(child))
        await scene.officer.claim(done["folio"])
        decided = (await scene.officer.decide(done["folio"], "approve", "wait-list")).json()
        positions.append({row["label"]: row["value"] for row in decided["rows"]}["Posición en la lista"])
    assert positions == ["1", "2"]


@pytest.mark.parametrize("born", [ago(42), ago(4 * 366)])
async def test_nursery_refuses_by_age(scene: Scene, born: date) -> None:
    done = await scene.citizen.submit_request("nursery", **nursery(await relative(scene, born, of=scene.citizen)))
    assert (done["outcome"], failed(done)) == ("refused", {"child_age_between"})


async def test_nursery_is_for_who_works(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    done = await who.submit_request("nursery", **nursery(await relative(scene, ago(400), of=who)))
    assert (done["outcome"], failed(done)) == ("refused", {"works_now"})


async def test_complaint(scene: Scene) -> None:
    who = await create_person(scene, insured=False, nss=False)
    done = await who.submit_request("complaint", about="complaint", story="La farmacia estaba cerrada.")
    await scene.officer.claim(done["folio"])
    decided = await scene.officer.decide(done["folio"], "approve", "answered", message="Ya abre a las ocho.")
    assert decided.json()["outcome"] == "approved"
    assert "Ya abre a las ocho." in [said["body"] for said in (await who.get(done["folio"]))["messages"]]
