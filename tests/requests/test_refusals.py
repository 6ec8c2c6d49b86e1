"""A refusal: when its citizen is notified, the last day of each means against it, and what staff are warned of."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.kernel.actor import Channel, Citizen, System
from app.places.models import NonWorkingDays
from app.requests.models import Refusal
from app.requests.queries import case_file
from app.requests.service.resolutions import notify_refusal
from tests.requests import actors, steps
from tests.requests.conftest import Scene

APRIL_20, MAY_13 = date(2027, 4, 20), date(2027, 5, 13)
YEAR_LATER = date(2028, 4, 20)


def last_days(request: dict[str, Any]) -> dict[str, str]:
    return {one["id"]: one["last_day"] for one in request["refusal"]["challenges"]}


async def wants_unemployment(scene: Scene, by: actors.Citizen | None = None) -> dict[str, Any]:
    """Refused by the rules at once: they still work."""
    who = by or scene.citizen
    done = await who.submit_request("unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True)
    assert done["outcome"] == "refused", done
    return done


async def corrected(scene: Scene, by: actors.Citizen | None = None) -> str:
    """The folio of a correction that an officer refused."""
    folio: str = (await (by or scene.citizen).submit_request("data-correct", **actors.NAME))["folio"]
    await scene.officer.claim(folio)
    refused = await scene.officer.decide(folio, "refuse", "documents-disagree", message="El acta dice otra cosa.")
    assert refused.json()["outcome"] == "refused", refused.text
    return folio


async def refusal_of(scene: Scene, folio: str) -> Refusal:
    row = await steps.row(scene, folio)
    async with scene.db.transaction() as session:
        found = await session.scalar(select(Refusal).where(Refusal.request_id == row.id).order_by(Refusal.refused_at))
    assert found is not None
    return found


async def test_each_means_has_its_own_last_day_and_they_run_meanwhile(scene: Scene) -> None:
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = (await wants_unemployment(scene))["folio"]
        seen = await scene.citizen.get(folio)
        assert (seen["refusal"]["notified_on"], seen["refusal"]["takes_effect_on"]) == ("2027-04-20", "2027-04-21")
        assert last_days(seen) == {
            "internal-review": MAY_13.isoformat(),
            "inconformity": MAY_13.isoformat(),
            "labour-court": YEAR_LATER.isoformat(),
        }
        assert seen["appeal_until"] == MAY_13.isoformat()
        review, council, court = seen["refusal"]["challenges"]
        assert "No es el recurso de inconformidad ni detiene su plazo" in review["note"]
        assert ("art. 294" in council["basis"], "Consejo Consultivo" in council["authority"]) == (True, True)
        assert ("art. 295" in court["basis"], "No hace falta agotar" in court["note"]) == (True, True)
        assert (council["status"], court["status"]) == ("confirmed", "unconfirmed")
    with time_machine.travel(steps.noon(MAY_13)):
        sent = (await scene.citizen.post(folio, "appeal", body="Ya no trabajo.")).json()
        assert sent["status"] == "appealed", sent
        assert last_days(sent) == {"inconformity": MAY_13.isoformat(), "labour-court": YEAR_LATER.isoformat()}
    with time_machine.travel(steps.noon(date(2027, 5, 14))):
        open_ones = [one["id"] for one in (await scene.citizen.get(folio))["refusal"]["challenges"] if one["is_open"]]
        assert open_ones == ["labour-court"], "the review stopped no other term"


async def test_a_day_late_the_court_is_named_with_its_own_day(scene: Scene) -> None:
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = (await wants_unemployment(scene))["folio"]
    with time_machine.travel(steps.noon(date(2027, 5, 14))):
        late = await scene.citizen.post(folio, "appeal", body="Ya no trabajo.")
    said = late.json()
    assert (late.status_code, said["type"]) == (409, "/problems/appeal-too-late")
    assert "tribunal laboral hasta el 20 de abril de 2028" in said["next_step"]
    assert "terminó el 13 de mayo de 2027" in said["next_step"]
    with time_machine.travel(steps.noon(date(2028, 4, 21))):
        over = (await scene.citizen.post(folio, "appeal", body="Ya no trabajo.")).json()
    assert over["next_step"] == "Puede presentar una solicitud nueva."


async def test_no_term_runs_until_the_refusal_is_shown(scene: Scene) -> None:
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = await corrected(scene)
        listed = await scene.client.get("/api/v1/requests", headers=scene.citizen.headers)
        assert listed.json()[0]["outcome"] == "refused"
        on_case = (await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)).json()
        assert (on_case["refusal"]["notified_on"], on_case["refusal"]["challenges"]) == (None, [])
        assert on_case["appeal_until"] is None
        assert (await refusal_of(scene, folio)).notified_at is None, "neither a list nor staff notify anybody"
    with time_machine.travel(steps.noon(date(2027, 7, 1))):
        assert last_days(await scene.citizen.get(folio))["internal-review"] == "2027-07-23"
    with time_machine.travel(steps.noon(date(2027, 7, 8))):
        assert last_days(await scene.citizen.get(folio))["internal-review"] == "2027-07-23", "the first time counts"
        on_case = (await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)).json()
        assert on_case["refusal"]["notified_on"] == "2027-07-01"
    notified = await refusal_of(scene, folio)
    assert notified.notified_to == scene.citizen.person_id


async def test_only_the_refusal_that_is_shown_is_notified_and_by_who_was_first(scene: Scene) -> None:
    """Another person's, or another of theirs, stays as it is; of two who see it at once, the first one counts."""
    with time_machine.travel(steps.noon(APRIL_20)):
        folio, other = await corrected(scene), await corrected(scene, await steps.create_person(scene))
        row, first = await steps.row(scene, folio), Citizen(scene.citizen.person_id, Channel.WEB)
        async with scene.db.transaction() as late:
            read_before = await case_file.refusal_in_force(late, row)
            assert read_before is not None
            assert read_before.notified_at is None
            async with scene.db.transaction() as session:
                await notify_refusal(session, first, row)
            second = Citizen((await steps.create_person(scene)).person_id, Channel.WEB)
            stored = await notify_refusal(late, second, row)
            assert stored is not None
            assert stored.notified_to == first.person_id
    assert (await refusal_of(scene, folio)).notified_to == first.person_id
    assert (await refusal_of(scene, other)).notified_at is None


async def test_the_day_is_the_units(scene: Scene) -> None:
    """Ten at night of the 20th in Mexico City is the 21st in Greenwich."""
    with time_machine.travel(datetime(2027, 4, 21, 4, tzinfo=UTC)):
        seen = await wants_unemployment(scene)
    assert (seen["refusal"]["notified_on"], last_days(seen)["inconformity"]) == ("2027-04-20", MAY_13.isoformat())


@pytest.mark.parametrize(("agency", "last"), [(True, "2027-05-14"), (False, "2027-05-13")])
async def test_the_agencys_calendar_is_left_out_and_a_closed_unit_is_not(scene: Scene, agency: bool, last: str) -> None:
    from app.appointments.service import days_off

    async with scene.db.transaction() as session:
        if agency:
            day = date(2027, 4, 29)
            session.add(
                NonWorkingDays(
                    starts_on=day, ends_on=day, name="Día inhábil", source="Acuerdo", imported_at=steps.noon(day)
                )
            )
        else:
            await days_off.add_holiday(
                session, System("test"), unit_id=scene.unit.id, on_date=date(2027, 4, 29), name="Fumigación"
            )
    with time_machine.travel(steps.noon(APRIL_20)):
        assert last_days(await wants_unemployment(scene))["inconformity"] == last


async def test_against_the_answer_to_a_complaint_there_is_the_review_alone(scene: Scene) -> None:
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    await scene.officer.decide(folio, "refuse", "not-ours")
    seen = await scene.citizen.get(folio)
    (review,) = seen["refusal"]["challenges"]
    assert (review["id"], review["status"]) == ("internal-review", "unconfirmed")
    assert "por confirmarse" in review["basis"]


async def test_instant_refusals_have_the_means_of_the_law(scene: Scene) -> None:
    who = await steps.create_person(scene, nss=False, insured=True)
    done = await who.submit_request("weeks")
    assert done["outcome"] == "refused"
    assert list(last_days(done)) == ["inconformity", "labour-court"]
    assert (done["certificate"], done["refusal"]["document"]) == (False, True)


async def test_a_refusal_that_another_decision_replaces_is_annulled_and_comes_back_with_undo(scene: Scene) -> None:
    folio = await corrected(scene)
    first = await refusal_of(scene, folio)
    assert (await scene.citizen.post(folio, "appeal", body="Mire bien.")).json()["refusal"] is not None
    boss = await scene.supervisor()
    await boss.claim(folio)
    approved = (await boss.decide(folio, "approve", "documents-agree")).json()
    assert (approved["outcome"], approved["refusal"]) == ("approved", None)
    assert (await refusal_of(scene, folio)).annulled_at is not None
    assert (await boss.post(f"{folio}/undo")).status_code == 200
    again = await refusal_of(scene, folio)
    assert (again.decision_id, again.annulled_at) == (first.decision_id, None)
    assert (await scene.citizen.get(folio))["refusal"]["notified_on"] is not None


async def test_an_upheld_refusal_keeps_its_day_and_its_document(scene: Scene) -> None:
    with time_machine.travel(steps.noon(APRIL_20)):
        folio = await corrected(scene)
        await scene.citizen.get(folio)
        await scene.citizen.post(folio, "appeal", body="Mire bien.")
    with time_machine.travel(steps.noon(date(2027, 4, 28))):
        boss = await scene.supervisor()
        await boss.claim(folio)
        await boss.decide(folio, "refuse", "documents-disagree")
        upheld = await scene.citizen.get(folio)
        assert last_days(upheld) == {"inconformity": MAY_13.isoformat(), "labour-court": YEAR_LATER.isoformat()}
        assert upheld["refusal"]["document"] is True
        twice = (await scene.citizen.post(folio, "appeal", body="Otra vez.")).json()
        assert "corrieron mientras se revisaba" in twice["next_step"]


async def test_staff_are_warned_before_they_ask_twice_or_late(scene: Scene) -> None:
    asking = {"body": "Falta el acta.", "documents": ["birth-certificate"], "fields": []}
    with time_machine.travel(steps.noon(date(2027, 4, 5))):
        folio = (await scene.citizen.submit_request("data-correct", **actors.sex()))["folio"]
        assert (await scene.officer.claim(folio))["folio"] == folio

    async def warned(day: date) -> list[str]:
        with time_machine.travel(steps.noon(day)):
            shown = await scene.client.get(f"/api/v1/requests/{folio}", headers=scene.officer.headers)
            found: list[str] = shown.json()["asking"]
            return found

    assert await warned(date(2027, 4, 8)) == [], "three of ten days: the first third"
    (late,) = await warned(date(2027, 4, 9))
    assert "4 de los 10 días hábiles" in late
    with time_machine.travel(steps.noon(date(2027, 4, 6))):
        assert (await scene.officer.claim(folio))["folio"] == folio
        asked = await scene.officer.post(f"{folio}/ask", asking)
        assert asked.status_code == 200, asked.text
        assert (await scene.citizen.get(folio))["asking"] == [], "what staff are warned of is theirs"
        await scene.citizen.attach(folio, "birth-certificate")
        assert (await scene.citizen.post(folio, "answer", body="Aquí está.", answers={})).status_code == 200
    (twice,) = await warned(date(2027, 4, 7))
    assert "un solo aviso" in twice


async def test_the_citizens_days_to_answer_leave_out_the_fifth_of_may(scene: Scene) -> None:
    with time_machine.travel(steps.noon(date(2027, 4, 28))):
        folio = (await scene.citizen.submit_request("data-correct", **actors.NAME))["folio"]
        await scene.officer.claim(folio)
        body = {"body": "Falta el acta.", "documents": ["birth-certificate"], "fields": []}
        asked = await scene.officer.post(f"{folio}/ask", body)
    assert asked.json()["answer_by"] == "2027-05-13"
