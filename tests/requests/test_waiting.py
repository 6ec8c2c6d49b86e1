"""The citizen's turn: what they are asked for, while the clock stands still; and what comes after the end."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select

from app.documents.models import Document
from app.kernel import ids
from app.kernel.actor import Role
from app.requests import jobs
from app.requests.models import Request
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene

MONDAY = date(2026, 9, 7)


def at(day: int, month: int = 9) -> time_machine.travel:
    """Noon of a day of September 2026 (the 16th is the only federal day of rest of the month)."""
    return time_machine.travel(steps.noon(date(2026, month, day)))


async def ask(officer: actors.Officer, folio: str, **what: Any) -> httpx.Response:
    await officer.claim(folio)
    return await officer.post(f"{folio}/ask", {"body": "Nos falta algo."} | what)


async def waiting(scene: Scene, **what: Any) -> str:
    folio = await steps.complain(scene)
    asked = await ask(scene.officer, folio, **what)
    assert asked.status_code == 200, asked.text
    return folio


def named(answer: httpx.Response) -> tuple[str, list[str]]:
    assert answer.status_code == 422, answer.text
    return answer.json()["type"].removeprefix("/problems/"), [one["field"] for one in answer.json()["fields"]]


async def test_asked_and_answered_with_the_clock_standing_still(scene: Scene) -> None:
    with at(7):
        folio = await steps.complain(scene)
        assert (await scene.citizen.get(folio))["due_on"] == "2026-09-29"
    with at(9):
        asked = await ask(scene.officer, folio, documents=["evidence"], fields=["happened_on"])
        assert asked.json()["status"] == "waiting"
        seen = await scene.citizen.get(folio)
        assert (seen["due_on"], seen["clock"]["runs"], seen["clock"]["spent_days"]) == (None, False, 2)
        assert seen["answer_by"] == "2026-09-24"
        assert seen["messages"][-1]["asks"] == {"documents": ["evidence"], "fields": ["happened_on"]}
        assert set(seen["actions"]) == {"answer", "withdraw"}
        assert await steps.item(scene, folio) is None
        assert (await scene.officer.post(f"{folio}/claim")).status_code == 409
    with at(18):
        bare = await scene.citizen.post(folio, "answer", body="Aquí está.", answers={"happened_on": "2026-09-01"})
        assert named(bare) == ("documents-missing", ["evidence"])
        assert (await scene.citizen.attach(folio, "evidence")).status_code == 201
        for reported in ({}, {"happened_on": ""}, {"happened_on": "   "}, {"happened_on": None}):
            assert named(await scene.citizen.post(folio, "answer", body="Ya.", answers=reported)) == (
                "invalid",
                ["happened_on"],
            )
        assert named(await scene.citizen.post(folio, "answer", body="Ya.", answers={"happened_on": "ayer"})) == (
            "invalid",
            ["happened_on"],
        )
        assert (await steps.row(scene, folio)).kind == "waiting"
        done = await scene.citizen.post(folio, "answer", body="Aquí está.", answers={"happened_on": "2026-09-01"})
        assert (done.status_code, done.json()["status"]) == (200, "review"), done.text
        # It stood still on six working days, from the 10th to the 18th without the 16th: the 29th and six more.
        assert (done.json()["due_on"], done.json()["answer_by"]) == ("2026-10-07", None)
        assert done.json()["answers"]["happened_on"] == "2026-09-01"
        item = await steps.item(scene, folio)
        assert item is not None
        assert (item.holder_id, item.due_on) == (None, date(2026, 10, 7))


async def test_an_earlier_document_is_no_answer(scene: Scene) -> None:
    draft = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    await scene.citizen.attach(draft, "evidence")
    await scene.citizen.submit(draft)
    await ask(scene.officer, draft, documents=["evidence"])
    assert named(await scene.citizen.post(draft, "answer", body="Ya está.")) == ("documents-missing", ["evidence"])
    await scene.citizen.attach(draft, "evidence")
    assert (await scene.citizen.post(draft, "answer", body="Ya está.")).status_code == 200


async def test_however_full_it_is_what_is_owed_finds_place(scene: Scene) -> None:
    draft = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    await scene.citizen.attach(draft, "evidence")
    async with scene.db.transaction() as session:
        stored = await session.scalar(select(Document))
        assert stored is not None
        columns = [column.key for column in Document.__table__.columns if column.key != "id"]
        session.add_all(
            Document(id=ids.new_id(), **{name: getattr(stored, name) for name in columns}) for _ in range(19)
        )
    await scene.citizen.submit(draft)
    await ask(scene.officer, draft, documents=["evidence"])
    assert (await scene.citizen.attach(draft, "evidence")).status_code == 201
    assert (await scene.citizen.post(draft, "answer", body="Ya está.")).status_code == 200


async def test_only_what_the_service_knows_is_asked_for(scene: Scene) -> None:
    folio = await steps.complain(scene)
    strange = await ask(scene.officer, folio, documents=["passport"])
    assert (strange.status_code, strange.json()["type"]) == (422, "/problems/document-not-expected")
    field = await scene.officer.post(f"{folio}/ask", {"body": "¿?", "fields": ["mood"]})
    assert field.json()["fields"] == [
        {"field": "mood", "code": "unexpected", "message": "Este dato no se esperaba aquí."}
    ]
    assert (await scene.officer.post(f"{folio}/ask", {"body": "   "})).status_code == 422
    assert (await steps.row(scene, folio)).kind == "review"
    nothing_owed = await scene.citizen.post(folio, "answer", body="¿Qué?")
    assert (nothing_owed.status_code, nothing_owed.json()["type"]) == (409, "/problems/wrong-state")


async def test_an_answer_does_not_turn_one_request_into_another_that_is_open(scene: Scene) -> None:
    other = await steps.complain(scene, about="thanks")
    folio = await waiting(scene, fields=["about"])
    same = await scene.citizen.post(folio, "answer", body="Era esto.", answers={"about": "thanks"})
    assert (same.status_code, same.json()["type"], same.json()["folio"]) == (409, "/problems/already-open", other)
    moved = await scene.citizen.post(folio, "answer", body="Era esto.", answers={"about": "suggestion"})
    assert moved.status_code == 200, moved.text
    assert await steps.complain(scene) != folio
    third = (await scene.citizen.start("complaint", about="suggestion", story=steps.STORY["story"])).json()["folio"]
    assert (await scene.citizen.submit(third)).json()["folio"] == folio


async def test_unanswered_it_lapses_after_the_last_day(scene: Scene) -> None:
    with at(7):
        folio = await waiting(scene)
        assert (await scene.citizen.get(folio))["answer_by"] == "2026-09-22"
    for day, count in ((21, 0), (22, 0)):
        with at(day):
            assert await jobs.lapse_batch() == count
    with time_machine.travel(datetime(2026, 9, 23, 5, 59, tzinfo=UTC)):  # one minute to midnight in Mexico City
        assert await jobs.lapse_batch() == 0
        assert (await scene.citizen.get(folio))["kind"] == "waiting"
    with time_machine.travel(datetime(2026, 9, 23, 6, 1, tzinfo=UTC)):
        assert await jobs.lapse_batch() == 1
        assert await jobs.lapse_batch() == 0
        seen = await scene.citizen.get(folio)
        assert (seen["outcome"], seen["actions"], seen["answer_by"]) == ("lapsed", [], None)
        late = await scene.citizen.post(folio, "answer", body="Perdón.")
        assert (late.status_code, late.json()["type"]) == (409, "/problems/wrong-state")
        assert await steps.complain(scene) != folio
    assert len(await steps.facts(scene, folio, "request.lapsed")) == 1


async def test_the_last_day_is_that_of_the_unit(scene: Scene) -> None:
    async with scene.db.transaction() as session:
        far = await places.unit(session, timezone="America/Tijuana")
    with at(7):
        folio = await steps.complain(scene, await steps.create_person(scene, unit=far))
        await ask(await steps.hire(scene, Role.OFFICER, far), folio)
        assert (await steps.row(scene, folio)).answer_by == date(2026, 9, 22)
    with time_machine.travel(datetime(2026, 9, 23, 6, 30, tzinfo=UTC)):  # half past eleven at night in Tijuana
        assert await jobs.lapse_batch() == 0
    with time_machine.travel(datetime(2026, 9, 23, 7, 1, tzinfo=UTC)):
        assert await jobs.lapse_batch() == 1


@pytest.mark.parametrize("state", ["review", "waiting", "appealed"])
async def test_taken_back(scene: Scene, state: str) -> None:
    folio = await (waiting(scene) if state == "waiting" else steps.complain(scene))
    if state == "appealed":
        await scene.officer.claim(folio)
        await scene.officer.decide(folio, "refuse", "not-ours")
        await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    elif state == "review":
        await scene.officer.claim(folio)
    taken = await scene.citizen.post(folio, "withdraw")
    assert (taken.status_code, taken.json()["outcome"], taken.json()["actions"]) == (200, "withdrawn", [])
    assert await steps.item(scene, folio) is None
    again = await scene.citizen.post(folio, "withdraw")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")
    assert (await scene.officer.decide(folio, "approve", "answered")).status_code == 409
    draft = (await scene.citizen.start("complaint")).json()["folio"]
    assert (await scene.citizen.post(draft, "withdraw")).json()["type"] == "/problems/wrong-state"


async def refused(scene: Scene, *, moment: datetime) -> str:
    with time_machine.travel(moment):
        folio = await steps.complain(scene)
        await scene.officer.claim(folio)
        done = await scene.officer.decide(folio, "refuse", "not-ours")
        assert done.json()["outcome"] == "refused", done.text
        await scene.citizen.get(folio)  # shown on that day, which its terms count from
    return folio


async def test_an_appeal_goes_to_a_supervisor_and_may_be_granted(scene: Scene) -> None:
    folio = await refused(scene, moment=steps.noon(MONDAY))
    with at(29):
        assert (await scene.citizen.get(folio))["appeal_until"] == "2026-09-30"
        appealed = await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
        assert (appealed.json()["status"], appealed.json()["outcome"]) == ("appealed", None), appealed.text
        assert (appealed.json()["clock"]["runs"], appealed.json()["due_on"]) == (True, "2026-10-20")
        assert (await scene.officer.post("claim")).json()["type"] == "/problems/queue-empty"
        assert (await scene.officer.post(f"{folio}/claim")).status_code == 403
        supervisor = await scene.supervisor()
        assert (await supervisor.post("claim")).json()["folio"] == folio
        done = (await supervisor.decide(folio, "approve", "action-taken", message="Tenía razón.")).json()
        assert (done["outcome"], done["certificate"], done["reasons"][0]["code"]) == ("approved", True, "action-taken")
        assert done["appeal_until"] is None
        assert [said["kind"] for said in done["messages"]] == ["decision", "appeal", "decision"]


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        (steps.noon(MONDAY), date(2026, 9, 30)),
        # Ten at night of Monday in Mexico City is Tuesday in Greenwich: the days count from Monday all the same.
        (steps.noon(MONDAY) + timedelta(hours=10), date(2026, 9, 30)),
    ],
)
async def test_too_late_to_appeal(scene: Scene, moment: datetime, last: date) -> None:
    folio = await refused(scene, moment=moment)
    with time_machine.travel(steps.noon(last)):
        seen = await scene.citizen.get(folio)
        assert (seen["appeal_until"], seen["actions"]) == (last.isoformat(), ["appeal"])
    with time_machine.travel(steps.noon(last + timedelta(days=1))):
        assert (await scene.citizen.get(folio))["actions"] == []
        late = await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
        assert (late.status_code, late.json()["type"]) == (409, "/problems/appeal-too-late")
        assert "15" in late.json()["detail"]
        assert late.json()["next_step"] == "Puede presentar una solicitud nueva.", "a complaint has no other means"
    assert (await steps.row(scene, folio)).outcome == "refused"


async def test_no_appeal_while_it_is_requested_again(scene: Scene) -> None:
    folio = await refused(scene, moment=steps.noon(MONDAY))
    with at(8):
        anew = await steps.complain(scene)
        appealed = await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
        assert (appealed.status_code, appealed.json()["folio"]) == (409, anew)
        approved = await scene.citizen.submit_request("vigencia")
        assert (await scene.citizen.post(approved["folio"], "appeal", body="¿?")).json()["type"].endswith("wrong-state")


async def test_what_is_late_is_escalated_once(scene: Scene) -> None:
    with at(7):
        late, other = await steps.complain(scene), await steps.complain(scene, await steps.create_person(scene))
        await steps.change_item(scene, other, due_on=date(2026, 10, 20))
    with at(29):
        assert await jobs.escalate_batch() == 0
    with at(30):
        assert await jobs.escalate_batch() == 1
        assert await jobs.escalate_batch() == 0
        supervisor = await steps.hire(scene, Role.SUPERVISOR)
        shown = await scene.client.get("/api/v1/work?state=escalated", headers=supervisor.headers)
        assert [line["folio"] for line in shown.json()] == [late]
        counts = await scene.client.get("/api/v1/work/counts", headers=supervisor.headers)
        assert (counts.json()["escalated"], counts.json()["overdue"], counts.json()["waiting"]) == (1, 1, 2)
    assert steps.only(await steps.facts(scene, late, "work.escalated")).payload["due_on"] == "2026-09-29"


async def test_a_breach_is_not_healed_by_a_question(scene: Scene) -> None:
    with at(7):
        folio = await steps.complain(scene)
    with at(30):
        await ask(scene.officer, folio)
        assert (await scene.citizen.get(folio))["clock"]["is_breached"] is True
    with at(5, 10):
        back = await scene.citizen.post(folio, "answer", body="Aquí está.")
        assert (back.json()["due_on"], back.json()["clock"]["is_breached"]) == ("2026-09-29", True)


async def test_the_one_question_is_answered_once_at_the_end(scene: Scene) -> None:
    folio = await steps.complain(scene)
    opinion = {"would_have_visited": True, "satisfaction": 5}
    early = await scene.citizen.post(folio, "feedback", **opinion)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/wrong-state")
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "approve", "answered")
    assert (await scene.citizen.post(folio, "feedback", satisfaction=6)).status_code == 422
    assert (await scene.citizen.post(folio, "feedback", **opinion)).status_code == 204
    again = await scene.citizen.post(folio, "feedback", satisfaction=1)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")
    fact = steps.only(await steps.facts(scene, folio, "request.feedback-given"))
    assert fact.payload == opinion | {"folio": folio}
    assert await steps.how_many(scene, Request, Request.feedback.is_not(None)) == 1


async def test_who_withdrew_a_request_is_asked_nothing(scene: Scene) -> None:
    folio = await steps.complain(scene)
    assert (await scene.citizen.post(folio, "withdraw")).status_code == 200
    refused = await scene.citizen.post(folio, "feedback", would_have_visited=True)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/wrong-state")
