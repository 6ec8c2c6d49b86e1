"""A pension from the form at home to the signature at the window: the one service with a visit and a second person."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.appointments.models import Seat
from app.kernel.actor import Role
from app.places.calendar import federal_holidays
from app.places.models import Unit
from app.registry.models import Person
from app.requests import jobs
from app.requests.models import Refusal
from app.requests.rules.clock import add_working_days
from tests.appointments import factories as places
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import BRING, appointments, asked, visit, window


async def test_from_the_form_to_the_signature(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    before = await who.get(folio)
    (start_at, _other) = await window(scene)
    await scene.officer.claim(folio)
    booked = await visit(scene.officer, folio, start_at, unit=scene.unit)
    assert booked.status_code == 201, booked.text
    invited = await who.get(folio)
    assert (invited["kind"], invited["clock"]["runs"], invited["due_on"]) == ("visit", False, None)
    assert invited["appointment_folio"] == booked.json()["appointment_folio"]
    assert BRING in [said["body"] for said in invited["messages"]]
    assert await steps.item(scene, folio) is None
    stored = steps.only(await appointments(scene))
    row = await steps.row(scene, folio)
    assert (stored.request_id, stored.person_id, stored.service) == (row.id, who.person_id, "window")
    rest = federal_holidays(stored.on_date, stored.on_date + timedelta(days=60))
    assert invited["answer_by"] == add_working_days(stored.on_date, 10, rest).isoformat()

    came = await scene.officer.post(f"{folio}/attended", {"other_day": True})
    assert (came.json()["status"], came.json()["clock"]["runs"]) == ("signed", True)
    assert came.json()["due_on"] == before["due_on"]
    await scene.officer.claim(folio)
    decided = (await scene.officer.decide(folio, "approve", "meets-law")).json()
    assert (decided["outcome"], decided["certificate"]) == ("approved", True), decided
    rows = {line["label"]: line["value"] for line in (await who.get(folio))["rows"]}
    assert (rows["Ley aplicable"], rows["Pensión"]) == ("1973", "Vejez (65 años o más)")
    assert rows["CLABE"].endswith(actors.CLABE[-4:])
    assert actors.CLABE not in str(rows)


async def test_the_same_visit_twice_is_one(scene: Scene) -> None:
    folio = await asked(scene)
    (start_at, _other) = await window(scene)
    await scene.officer.claim(folio)
    first = await visit(scene.officer, folio, start_at, unit=scene.unit, key="the-very-same")
    again = await visit(scene.officer, folio, start_at, unit=scene.unit, key="the-very-same")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert len(await appointments(scene)) == 1
    assert len(await steps.facts(scene, folio, "request.visit-invited")) == 1


@pytest.mark.parametrize(
    ("about", "asks", "rule"),
    [
        ({"birth_on": steps.ago(64 * 365)}, "old-age", "pension_age"),
        ({"birth_on": steps.ago(59 * 365)}, "advanced-age", "pension_age"),
        ({"nss": False}, "old-age", "has_nss"),
    ],
)
async def test_refused_by_rules(scene: Scene, about: dict[str, Any], asks: str, rule: str) -> None:
    who = await steps.old_worker(scene, **about)
    done = await who.submit_request("pension", **(steps.PENSION | {"pension": asks}))
    assert (done["outcome"], steps.failed(done)) == ("refused", {rule})
    assert done["reasons"][0]["ground"]


async def test_refused_to_who_still_works(scene: Scene) -> None:
    who = await steps.create_person(scene, (date(1985, 1, 1), None), birth_on=date(1955, 3, 4))
    done = await who.submit_request("pension", **steps.PENSION)
    assert (done["outcome"], steps.failed(done)) == ("refused", {"has_left_work"})


async def test_every_rule_that_failed_is_a_ground_of_the_refusal(scene: Scene) -> None:
    """Still at work and with few weeks: both are said with their articles, though weeks alone go to an officer."""
    who = await steps.create_person(scene, (date(2023, 1, 1), None), birth_on=date(1955, 3, 4))
    done = await who.submit_request("pension", **steps.PENSION)
    rules = ["has_left_work", "weeks_for_pension"]
    assert (done["outcome"], [one["code"] for one in done["reasons"]]) == ("refused", rules)
    assert "arts. 154 y 162" in done["reasons"][1]["ground"]
    async with scene.db.transaction() as session:
        document = await session.scalar(select(Refusal.document))
    assert document is not None
    grounds = document["facts"]["reasons"]
    assert [one["text"]["es"] for one in grounds] == [one["text"] for one in done["reasons"]]
    assert "arts. 154 and 162" in grounds[1]["ground"]["en"]
    assert "saldo de su cuenta de AFORE" in document["facts"]["use"]["es"]


async def test_missing_weeks_are_for_an_officer_to_judge(scene: Scene) -> None:
    who = await steps.create_person(scene, (date(2010, 1, 1), date(2015, 1, 1)), birth_on=date(1955, 3, 4))
    done = await who.submit_request("pension", **steps.PENSION)
    assert (done["kind"], steps.failed(done)) == ("review", {"weeks_for_pension"})
    validated = next(check for check in done["checks"] if check["rule"] == "weeks_for_pension")
    assert (validated["values"]["law"], validated["values"]["weeks"]) == ("1997", 261)


async def test_a_refusal_is_confirmed_by_a_second_person(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    first, second = await scene.supervisor(), await scene.supervisor()
    await first.claim(folio)
    proposed = await first.decide(folio, "refuse", "not-enough-weeks", message="Le faltan semanas.")
    assert proposed.json()["status"] == "second", proposed.text
    seen = await who.get(folio)
    assert (seen["outcome"], seen["reasons"], seen["actions"]) == (None, [], ["withdraw"])
    assert "Le faltan semanas." not in str(seen["messages"])

    assert (await scene.officer.post(f"{folio}/claim")).status_code == 403
    await first.claim(folio)
    own = await first.decide(folio, "confirm", "not-enough-weeks")
    assert (own.status_code, own.json()["type"]) == (409, "/problems/second-reviewer-required")
    await first.post(f"{folio}/release")
    assert [said["body"] for said in (await second.claim(folio))["messages"]] == ["Le faltan semanas."]
    done = await second.decide(folio, "confirm", "not-enough-weeks", message="Le faltan 20 semanas.")
    assert done.json()["outcome"] == "refused", done.text
    reported = await who.get(folio)
    assert reported["reasons"][0] == {
        "code": "not-enough-weeks",
        "text": "Faltan semanas cotizadas.",
        "ground": "Ley del Seguro Social, arts. 154 y 162",
    }
    assert [said["body"] for said in reported["messages"]] == ["Le faltan 20 semanas."]
    row = await steps.row(scene, folio)
    assert (row.proposed_by, row.decided_by) == (first.staff_id, second.staff_id)


async def test_the_second_person_may_send_it_back(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    supervisor = await scene.supervisor()
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "not-enough-weeks")
    await supervisor.claim(folio)
    silent = await supervisor.decide(folio, "refer", message="\u200b .")
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "message")
    back = await supervisor.decide(folio, "refer", "meets-law", message="Cuente otra vez las de 1990.")
    assert (back.json()["status"], back.json()["reasons"]) == ("review", []), back.text
    assert "Cuente otra vez" not in str(await who.get(folio))
    item = await steps.item(scene, folio)
    assert item is not None
    assert (item.role, item.holder_id) == ("officer", None)


async def test_it_cannot_be_approved_before_the_signature(scene: Scene) -> None:
    folio = await asked(scene)
    await scene.officer.claim(folio)
    early = await scene.officer.decide(folio, "approve", "meets-law")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/wrong-state")
    not_attended = await scene.officer.post(f"{folio}/attended", {"other_day": True})
    assert (not_attended.status_code, not_attended.json()["type"]) == (409, "/problems/wrong-state")


async def in_vain(
    scene: Scene,
    folio: str,
    start_at: str,
    *,
    by: actors.Officer | None = None,
    unit: Unit | None = None,
    room: int = 1,
) -> tuple[int, str]:
    """Try to book a visit that can't be had; nothing may be left of it. The status and the problem."""
    before, booked = await steps.row(scene, folio), await appointments(scene)
    refused = await visit(by or scene.officer, folio, start_at, unit=unit or scene.unit, room=room, key="used-again")
    after = await steps.row(scene, folio)
    for name in ("version", "status", "answer_by", "appointment_folio", "due_on", "spent_days"):
        assert getattr(after, name) == getattr(before, name), name
    assert {stored.id for stored in await appointments(scene)} == {stored.id for stored in booked}
    assert await steps.how_many(scene, Seat, Seat.state == "held") == 0
    assert await steps.facts(scene, folio, "request.visit-invited") == []
    return refused.status_code, refused.json()["type"].removeprefix("/problems/")


async def taken_by(scene: Scene, who: Person, start_at: str) -> None:
    async with scene.db.transaction() as session:
        place = places.place(scene.unit, datetime.fromisoformat(start_at), service="window")
        await places.booked(session, who, place)


async def test_a_time_that_was_taken_leaves_nothing_behind(scene: Scene) -> None:
    folio = await asked(scene)
    start_at, other_at = await window(scene)
    await scene.officer.claim(folio)
    await taken_by(scene, scene.ana, start_at)
    assert await in_vain(scene, folio, start_at) == (409, "slot-taken")
    assert await in_vain(scene, folio, other_at, room=9) == (409, "slot-taken")
    assert await in_vain(scene, folio, steps.noon(steps.TODAY).isoformat()) in ((409, "too-soon"), (409, "slot-taken"))
    better = await visit(scene.officer, folio, other_at, unit=scene.unit, key="used-again")
    assert better.status_code == 201, better.text


async def test_who_has_a_visit_already_gets_no_second(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    start_at, other_at = await window(scene)
    await scene.officer.claim(folio)
    await taken_by(scene, await steps.person(scene, who), other_at)
    assert await in_vain(scene, folio, start_at) == (409, "already-booked")


async def test_only_who_holds_the_request_books_its_visit(scene: Scene) -> None:
    folio = await asked(scene)
    (start_at, _other) = await window(scene)
    assert await in_vain(scene, folio, start_at) == (409, "claim-not-held")
    other = await steps.hire(scene, Role.OFFICER)
    await other.claim(folio)
    assert await in_vain(scene, folio, start_at) == (409, "claim-not-held")
    stranger = await steps.hire(scene, Role.OFFICER, await steps.unit(scene))
    assert await in_vain(scene, folio, start_at, by=stranger) == (404, "not-found")
    await other.post(f"{folio}/ask", {"body": "¿Algo más?"})
    assert await in_vain(scene, folio, start_at, by=other) == (409, "wrong-state")


async def test_the_visit_is_at_the_unit_that_attends_the_request(scene: Scene) -> None:
    folio = await asked(scene)
    unit = await steps.unit(scene)
    (start_at, _other) = await window(scene, unit)
    both = await steps.hire(scene, Role.OFFICER, scene.unit, unit)
    await both.claim(folio)
    assert await in_vain(scene, folio, start_at, by=both, unit=unit) == (422, "invalid")
    assert await in_vain(scene, folio, start_at, by=both, unit=Unit(id=places.unknown_id())) == (422, "invalid")


async def test_a_visit_no_one_came_to_lapses(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    (start_at, _other) = await window(scene)
    await scene.officer.claim(folio)
    await visit(scene.officer, folio, start_at, unit=scene.unit)
    last = date.fromisoformat((await who.get(folio))["answer_by"])
    with time_machine.travel(steps.noon(last)):
        assert await jobs.lapse_batch() == 0
    with time_machine.travel(steps.noon(last + timedelta(days=1))):
        assert await jobs.lapse_batch() == 1
        assert (await who.get(folio))["outcome"] == "lapsed"


async def test_an_appeal_may_lead_to_a_visit(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    supervisor = await scene.supervisor()
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "not-enough-weeks")
    await supervisor.claim(folio)
    await supervisor.decide(folio, "confirm", "not-enough-weeks")
    appealed = await who.post(folio, "appeal", body="Sí las tengo.")
    assert appealed.json()["status"] == "appealed", appealed.text
    (start_at, _other) = await window(scene)
    assert (await scene.officer.post(f"{folio}/claim")).json()["type"] == "/problems/reviewer-excluded"
    assert (await supervisor.post(f"{folio}/claim")).json()["type"] == "/problems/reviewer-excluded"
    other, third = await scene.supervisor(), await steps.hire(scene, Role.OFFICER)
    await other.claim(folio)
    booked = await visit(other, folio, start_at, unit=scene.unit)
    assert booked.status_code == 201, booked.text
    assert (await scene.officer.post(f"{folio}/attended", {"other_day": True})).json()["status"] == "signed"
    # Who proposed and who confirmed the refusal have no part in what comes of its appeal.
    for excluded in (scene.officer, supervisor):
        assert (await excluded.post(f"{folio}/claim")).json()["type"] == "/problems/reviewer-excluded"
    await third.claim(folio)
    assert (await third.decide(folio, "approve", "meets-law")).json()["outcome"] == "approved"


async def test_a_new_refusal_after_an_appeal_has_an_appeal_of_its_own(scene: Scene) -> None:
    who = await steps.old_worker(scene)
    folio = await asked(scene, who)
    supervisors = [await scene.supervisor() for _ in range(4)]

    async def refuse(proposer: actors.Officer, second: actors.Officer) -> None:
        await proposer.claim(folio)
        proposed = await proposer.decide(folio, "refuse", "not-enough-weeks")
        assert proposed.json()["status"] == "second", proposed.text
        await second.claim(folio)
        done = await second.decide(folio, "confirm", "not-enough-weeks")
        assert done.json()["outcome"] == "refused", done.text

    await refuse(scene.officer, supervisors[0])
    assert (await who.post(folio, "appeal", body="Sí las tengo.")).status_code == 200
    (start_at, _other) = await window(scene)
    await supervisors[1].claim(folio)
    await visit(supervisors[1], folio, start_at, unit=scene.unit)
    await supervisors[1].post(f"{folio}/attended", {"other_day": True})
    await refuse(await steps.hire(scene, Role.OFFICER), supervisors[2])
    again = await who.post(folio, "appeal", body="Tampoco ahora.")
    assert again.status_code == 200, "this is another decision, by other people"
    assert (await supervisors[0].post(f"{folio}/claim")).json()["type"] == "/problems/reviewer-excluded"
    assert (await supervisors[2].post(f"{folio}/claim")).json()["type"] == "/problems/reviewer-excluded"
    await supervisors[3].claim(folio)
    assert (await supervisors[3].decide(folio, "refuse", "not-enough-weeks")).json()["outcome"] == "refused"
    last = await who.post(folio, "appeal", body="Otra vez.")
    assert (last.status_code, last.json()["type"]) == (409, "/problems/already-appealed")
