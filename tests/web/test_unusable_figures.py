"""Figures of law that no rule can use, as an earlier program or a hand may have left them: no page fails over one."""

from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.catalog.loader import load_services
from app.law import current
from app.law.definitions import definitions
from app.registry.models import SickLeave
from tests.requests.conftest import Scene
from tests.requests.history import ago, create_person, failed, worked
from tests.web.browser import signed_in_browser

WRITE = text("UPDATE law_figure SET amount = :amount WHERE name = :name")
UNUSABLE = ["46.5", "0.5", "9999999", "0"]


async def spoil(scene: Scene, amount: str) -> None:
    """Write the amount into each standing figure that can't have it, as the pages find it half a minute later."""
    async with scene.db.transaction() as session:
        for name, one in definitions().items():
            if one.permanent and one.limits.violation(Decimal(amount)):
                await session.execute(WRITE, {"name": name, "amount": Decimal(amount)})
    async with scene.db.transaction() as session:
        await current.refresh(session)


@pytest.mark.parametrize("amount", UNUSABLE)
async def test_every_service_says_whom_it_can_be_asked_for(app: FastAPI, scene: Scene, amount: str) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(4000), ago(50)))
    await spoil(scene, amount)
    browser = await signed_in_browser(app, scene.db, person_id=who.person_id)
    paths = ["/mi", "/mi/derechos", *(f"/tramites/{one.id}/quien" for one in load_services().values())]
    answers = {path: (await browser.get(path)).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize("amount", UNUSABLE[:3])
async def test_what_needs_one_is_for_an_officer(scene: Scene, amount: str) -> None:
    who = await create_person(scene, insured=False)
    await worked(scene, who, (ago(4000), ago(50)))
    await spoil(scene, amount)
    answers: dict[str, Any] = {"afore": "AFORE Uno", "clabe": "032180000118359719", "understands_weeks": True}
    done = await who.submit_request("unemployment", **answers)
    assert (done["outcome"], done["kind"]) == (None, "review")
    assert "days_without_work" in failed(done)


@pytest.mark.parametrize("amount", ["0", "4.5"])
async def test_sick_leave_without_its_figures_is_no_amount_and_a_sentence(scene: Scene, amount: str) -> None:
    who = await create_person(scene)
    async with scene.db.transaction() as session:
        session.add(
            SickLeave(
                person_id=who.person_id,
                folio="IN000001",
                kind="illness",
                starts_on=ago(20),
                days=7,
                daily_wage=Decimal(600),
            )
        )
    await spoil(scene, amount)
    answer = await who.start("sick-leave")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/figure-missing")
