"""A decision uses the figure in force on its day, and gives no amount where there is none."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.law.factories import delete_rows, put, row
from tests.requests.conftest import Scene
from tests.requests.history import TODAY, ago, create_person, failed, worked

DAY = timedelta(days=1)
WAGE = text("UPDATE affiliation SET daily_wage = :wage WHERE person_id = :person AND employer = :employer")


async def test_without_a_minimum_wage_a_person_looks_at_modality_40(scene: Scene) -> None:
    await delete_rows(scene.db, "minimum-wage")
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    done = await who.submit_request("modality-40", daily_wage=1000, starts="request")
    assert (done["outcome"], done["kind"], failed(done)) == (None, "review", {"wage_between"})
    (said,) = [check["text"] for check in done["checks"] if check["rule"] == "wage_between"]
    assert said == "Falta una cifra vigente para ese día (Salario mínimo general): lo revisa el personal"


async def test_a_person_may_find_otherwise_than_the_limits_of_a_wage(scene: Scene) -> None:
    """What the rule couldn't judge when it was filed is for who decides: the limits stop no approval afterwards."""
    await delete_rows(scene.db, "minimum-wage")
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    folio = (await who.submit_request("modality-40", daily_wage=300, starts="request"))["folio"]
    await put(scene.db, "minimum-wage", row("400", TODAY.replace(day=1)))
    await scene.officer.claim(folio)
    assert (await scene.officer.decide(folio, "approve", "meets-law")).json()["outcome"] == "approved"


async def test_without_a_rate_modality_40_gives_no_payment_line(scene: Scene) -> None:
    await delete_rows(scene.db, "modality-40-rate")
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)))
    done = await who.submit_request("modality-40", daily_wage=1000, starts="request")
    assert (done["outcome"], done["kind"], failed(done)) == (None, "review", set())
    await scene.officer.claim(done["folio"])
    refused = (await scene.officer.decide(done["folio"], "approve", "meets-law")).json()
    assert (refused["status"], refused["type"]) == (409, "/problems/figure-missing")
    await put(scene.db, "modality-40-rate", row("15", TODAY.replace(day=1)))
    approved = (await scene.officer.decide(done["folio"], "approve", "meets-law")).json()
    assert {"label": "Cuota mensual", "value": "4560.00 MXN"} in approved["rows"]


async def test_a_change_of_the_law_is_obeyed_by_the_next_request(scene: Scene) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (date(2015, 1, 1), ago(50)))
    answers: dict[str, Any] = {"afore": "AFORE Uno", "clabe": "032180000118359719", "understands_weeks": True}
    assert (await who.submit_request("unemployment", **answers))["outcome"] == "approved"
    await put(scene.db, "unemployment-days", row("60", TODAY))
    done = await who.submit_request("unemployment", **answers)
    assert (done["outcome"], failed(done)) == ("refused", {"days_without_work"})
    assert "se piden 60" in done["reasons"][0]["text"]


async def test_months_between_are_paid_by_the_rate_of_their_year(scene: Scene) -> None:
    """Left in the year before: its months at that year's rate, and the total of all of them."""
    left = date(TODAY.year - 1, 10, 31)
    who = await create_person(scene, insured=False)
    await worked(scene, who, (date(2015, 1, 1), left))
    await delete_rows(scene.db, "modality-40-rate")
    for year, rate in ((TODAY.year - 1, "10"), (TODAY.year, "20"), (TODAY.year + 1, "30")):
        await put(scene.db, "modality-40-rate", row(rate, date(year, 1, 1), date(year, 12, 31)))
    done = await who.submit_request("modality-40", daily_wage=1000, starts="after-leaving")
    rows = {line["label"]: line["value"] for line in done["rows"]}
    assert rows["Cuota mensual"] == "6080.00 MXN"
    assert rows[f"Cuota mensual de {TODAY.year - 1}"] == "3040.00 MXN (2)"
    assert rows["Meses por pagar hoy"] == str(2 + TODAY.month)
    assert rows["Por pagar hoy"] == f"{2 * 3040 + TODAY.month * 6080}.00 MXN"
    assert rows[f"Cuota mensual desde enero de {TODAY.year + 1}"] == "9120.00 MXN"


@pytest.mark.parametrize(("is_sum", "refuses"), [("1", True), ("0", False)])
async def test_the_last_wage_of_two_jobs_is_their_sum(scene: Scene, is_sum: str, refuses: bool) -> None:
    """Art. 33 by analogy, marked as doubtful: a wage of 700 is less than 400 + 500, and more than the greater."""
    await put(scene.db, "concurrent-wages", row(is_sum, date(2020, 1, 1)))
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(1000), ago(100)), (ago(900), ago(100)), (ago(1200), ago(300)))
    async with scene.db.transaction() as session:
        for number, wage in enumerate((400, 500, 2000)):
            await session.execute(WAGE, {"wage": wage, "person": who.person_id, "employer": f"E{number}"})
    answer = await who.start("modality-40", daily_wage=700, starts="request")
    if refuses:
        assert "$900.00" in answer.json()["fields"][0]["message"]
    else:
        assert (await who.submit(answer.json()["folio"])).json()["outcome"] == "approved"
