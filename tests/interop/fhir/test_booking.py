"""The way of an appointment over FHIR: find, hold, book, read, move, cancel."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.identity.service.revocation import revoke_all_access
from app.identity.tokens import CITIZEN, issue_access_token
from app.kernel.actor import Assurance
from tests.appointments import absence
from tests.appointments.conftest import working_days
from tests.appointments.week import THURSDAY, at, opened
from tests.conftest import Database
from tests.interop.fhir.conftest import BASE, Scene, matches, outcome

__all__ = ["working_days"]


async def test_find_hold_book_move_cancel(scene: Scene) -> None:
    window = f"start={scene.times[0]:%Y-%m-%d}&end={scene.times[0] + timedelta(days=2):%Y-%m-%d}"
    proposed = matches(await scene.get(f"Appointment/$find?{window}"))
    assert [one["id"] for one in proposed] == [scene.proposal(number) for number in range(4)]
    assert {one["status"] for one in proposed} == {"proposed"}
    held = await scene.operate("hold", proposed[0]["id"])
    assert held.status_code == 200, held.text
    pending = held.json()["entry"][0]["resource"]
    assert (pending["id"], pending["status"]) == (proposed[0]["id"], "pending")
    assert pending["extension"][0]["valueInstant"] > pending["extension"][0]["valueInstant"][:10]
    assert (await scene.get(f"Appointment/{pending['id']}")).json()["status"] == "pending"
    booked = await scene.operate("book", pending["id"])
    appointment = booked.json()["entry"][0]["resource"]
    assert (booked.status_code, appointment["status"]) == (200, "booked"), booked.text
    read = await scene.get(f"Appointment/{appointment['id']}")
    assert (read.headers["etag"], read.json()["meta"]["versionId"]) == ('W/"1"', "1")
    moved = await scene.change("PUT", read.json() | {"slot": [{"reference": f"Slot/{scene.slot(1)}"}]})
    assert (moved.status_code, moved.headers["etag"]) == (200, 'W/"2"'), moved.text
    assert moved.json()["slot"] == [{"reference": f"Slot/{scene.slot(1)}"}]
    cancelled = await scene.change("PUT", moved.json() | {"status": "cancelled"})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled"), cancelled.text


async def test_booking_again_returns_the_same_appointment(scene: Scene) -> None:
    first = await scene.booked()
    again = await scene.operate("book", scene.proposal())
    assert again.json()["entry"][0]["resource"]["id"] == first["id"]


async def test_a_taken_time_is_fatal_and_names_others(scene: Scene) -> None:
    await scene.booked(0, scene.other)
    refused = await scene.operate("hold", scene.proposal())
    assert outcome(refused) == (409, "not-found", "slot-taken")
    issues = refused.json()["issue"]
    assert issues[0]["severity"] == "fatal"
    assert issues[1]["extension"][0]["valueReference"]["reference"] == f"Slot/{scene.slot(1)}"


async def test_no_one_holds_or_reads_for_another(scene: Scene) -> None:
    booked = await scene.booked()
    assert outcome(await scene.operate("hold", scene.proposal(1), scene.other))[:2] == (404, "not-found")
    assert outcome(await scene.operate("book", scene.proposal(), scene.other))[:2] == (404, "not-found")
    assert outcome(await scene.get(f"Appointment/{booked['id']}", scene.other))[:2] == (404, "not-found")
    assert outcome(await scene.get(f"Appointment/{scene.proposal(1)}", scene.other))[:2] == (404, "not-found")
    assert matches(await scene.get("Appointment", scene.other)) == []


async def test_a_change_needs_the_version_that_was_read(scene: Scene) -> None:
    booked = await scene.booked()
    without = {name: value for name, value in booked.items() if name != "meta"} | {"status": "cancelled"}
    assert outcome(await scene.change("PUT", without))[:2] == (428, "required")
    stale = await scene.change("PUT", without, If_Match='W/"7"')
    assert outcome(stale)[:2] == (412, "conflict")
    assert stale.headers["etag"] == 'W/"1"'
    assert outcome(await scene.change("PUT", booked | {"meta": {"versionId": "9"}, "status": "cancelled"}))[0] == 412
    assert (await scene.change("PUT", without, If_Match='W/"1"')).status_code == 200


async def test_nothing_else_can_be_changed(scene: Scene) -> None:
    booked = await scene.booked()
    other = [{"actor": {"reference": f"Patient/{scene.other.id}"}, "status": "accepted"}]
    changes: list[dict[str, Any]] = [{"participant": other}, {"status": "arrived"}, {"identifier": []}]
    changes += [{"comment": "más tarde"}, {"description": "x"}, {"minutesDuration": 90}]
    changes.append({"extension": [{"url": "urn:x", "valueCode": "y"}]})
    for change in changes:
        refused = await scene.change("PUT", booked | change)
        assert outcome(refused) == (422, "not-supported", "change-not-supported"), change
        assert refused.json()["issue"][1]["expression"] == list(change)


async def test_patches_cancel_too(scene: Scene) -> None:
    booked = await scene.booked()
    path = f"{BASE}/Appointment/{booked['id']}"
    operations: list[dict[str, Any]] = [{"op": "replace", "path": "/status", "value": "cancelled"}]
    headers = scene.headers() | {"Content-Type": "application/json-patch+json"}
    assert outcome(await scene.client.patch(path, json=operations, headers=headers))[0] == 428
    tested = [{"op": "test", "path": "/meta/versionId", "value": "1"}, *operations]
    done = await scene.client.patch(path, json=tested, headers=headers)
    assert (done.status_code, done.json()["status"]) == (200, "cancelled"), done.text
    assert outcome(await scene.client.patch(path, json=tested, headers=headers))[0] == 412


async def test_a_conditional_create_happens_once(scene: Scene) -> None:
    body = {
        "resourceType": "Appointment",
        "status": "booked",
        "slot": [{"reference": f"Slot/{scene.slot()}"}],
        "participant": [{"actor": {"reference": f"Patient/{scene.child.id}"}, "status": "accepted"}],
    }
    condition = {"If_None_Exist": "identifier=https://agenda.example/citas|17"}
    first = await scene.post("Appointment", body, **condition)
    assert (first.status_code, first.json()["participant"][0]["actor"]["reference"]) == (
        201,
        f"Patient/{scene.child.id}",
    ), first.text
    assert first.headers["location"].endswith(f"/Appointment/{first.json()['id']}")
    again = await scene.post("Appointment", body | {"slot": [{"reference": f"Slot/{scene.slot(1)}"}]}, **condition)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    hers = [{"actor": {"reference": f"Patient/{scene.ana.id}"}, "status": "accepted"}]
    other = await scene.post("Appointment", body | {"participant": hers}, **condition)
    assert (outcome(other)[0], outcome(other)[2]) == (422, "key-reused"), "of another person it isn't"
    assert outcome(await scene.post("Appointment", body, If_None_Exist="status=booked"))[:2] == (400, "not-supported")


async def test_a_new_one_that_contradicts_itself_is_refused(scene: Scene) -> None:
    people = [{"actor": {"reference": f"Patient/{one.id}"}, "status": "accepted"} for one in (scene.child, scene.ana)]
    slot, start = [{"reference": f"Slot/{scene.slot()}"}], scene.times[0]
    body = {"resourceType": "Appointment", "status": "booked", "slot": slot, "participant": people[:1]}
    other_hour = body | {"start": (start + timedelta(minutes=15)).isoformat()}
    contradictions = [(other_hour, "start"), (body | {"start": "soon"}, "start")]
    contradictions.append((body | {"participant": people}, "participant"))
    for wrong, field in contradictions:
        refused = await scene.post("Appointment", wrong)
        assert outcome(refused)[0] == 422, refused.text
        assert refused.json()["issue"][1]["expression"] == [field]
    assert (await scene.post("Appointment", body | {"start": start.isoformat()})).status_code == 201


async def test_a_held_time_can_be_released(scene: Scene) -> None:
    held = (await scene.operate("hold", scene.proposal())).json()["entry"][0]["resource"]
    released = await scene.change("PUT", held | {"status": "cancelled"})
    assert (released.status_code, released.json()["status"]) == (200, "cancelled"), released.text
    assert (await scene.get(f"Slot/{scene.slot()}")).json()["status"] == "free"


async def test_a_revoked_token_holds_and_books_nothing(scene: Scene) -> None:
    await scene.booked()
    given = {"Authorization": scene.headers()["Authorization"]}
    async with scene.db.transaction() as session:
        await revoke_all_access(session, scene.ana.id)
    slot = {"slot": [{"reference": f"Slot/{scene.slot(1)}"}]}
    answers = [
        await scene.operate("hold", scene.proposal(1), **given),
        await scene.operate("book", scene.proposal(1), **given),
        await scene.operate("book", scene.proposal(), **given),
        await scene.post("Appointment", {"resourceType": "Appointment", "status": "booked"} | slot, **given),
    ]
    assert [outcome(one)[:2] for one in answers] == [(401, "expired")] * 4


async def test_people_answer_that_they_come_or_that_they_do_not(scene: Scene) -> None:
    booked = await scene.booked()
    body = {"resourceType": "AppointmentResponse", "appointment": {"reference": f"Appointment/{booked['id']}"}}
    accepted = await scene.post("AppointmentResponse", body | {"participantStatus": "accepted"})
    assert (accepted.status_code, accepted.json()["participantStatus"]) == (201, "accepted"), accepted.text
    read = await scene.get(f"AppointmentResponse/{booked['id']}")
    assert read.json() == accepted.json()
    earlier = {"participantStatus": "accepted", "start": "2026-01-01T09:00:00Z"}
    for wrong in ({"participantStatus": "tentative"}, earlier):
        refused = await scene.post("AppointmentResponse", body | wrong)
        assert outcome(refused) == (422, "not-supported", "change-not-supported")
    no = body | {"participantStatus": "declined"}
    assert outcome(await scene.post("AppointmentResponse", no, scene.other))[0] == 404
    declined = await scene.post("AppointmentResponse", no)
    assert (declined.status_code, declined.json()["participantStatus"]) == (201, "declined"), declined.text
    found = matches(await scene.get("AppointmentResponse?part-status=declined"))
    assert [one["id"] for one in found] == [booked["id"]]
    assert (await scene.get(f"Appointment/{booked['id']}")).json()["status"] == "cancelled"


async def test_find_is_for_whom_and_what_it_names(scene: Scene) -> None:
    window = f"start={scene.times[0]:%Y-%m-%d}&end={scene.times[0] + timedelta(days=2):%Y-%m-%d}"
    own = f"location-reference=Location/{scene.unit.id}&visit-type=124"
    found = await scene.get(f"Appointment/$find?{window}&{own}&patient-reference=Patient/{scene.child.id}&_count=2")
    assert [one["id"] for one in matches(found)] == [scene.proposal(number, scene.child) for number in (0, 1)]
    assert found.json()["total"] == 4
    for wrong in (f"patient-reference=Patient/{scene.other.id}", "patient-reference=Patient/x"):
        assert outcome(await scene.get(f"Appointment/$find?{window}&{wrong}"))[0] == 404
    assert outcome(await scene.get("Appointment/$find?start=2026-01-01"))[:2] == (422, "invalid")
    await scene.booked()
    refused = await scene.get(f"Appointment/$find?{window}&practitioner=Practitioner/1")
    issues = [one["resource"]["issue"][0] for one in refused.json()["entry"] if one["search"]["mode"] == "outcome"]
    # Why there is none that she may have now, and what wasn't looked at.
    assert [one["code"] for one in issues] == ["business-rule", "not-supported"]
    elsewhere = f"{window}&visit-type=specialist-cardiology"
    answer = (await scene.get(f"Appointment/$find?{elsewhere}")).json()
    assert answer["total"] == 0


@pytest.mark.usefixtures("working_days")
async def test_an_answer_takes_the_time_that_is_offered_instead(client: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        unit, _schedule = await opened(session)
        ((ana, folio),) = await absence.booked(session, unit, at(THURSDAY, 8))
        await absence.close(session, unit)
    token, _seconds = issue_access_token(CITIZEN, ana.id, assurance=Assurance.FULL)
    headers = {"Authorization": f"Bearer {token}"}
    body = {"resourceType": "AppointmentResponse", "appointment": {"reference": f"Appointment/{folio}"}}
    offer = (await client.get(f"/api/v1/appointments/{folio}/offer", headers=headers)).json()["offered"]
    said = body | {"participantStatus": "accepted", "start": offer["start_at"]}
    taken = await client.post(f"{BASE}/AppointmentResponse", json=said, headers=headers)
    assert (taken.status_code, datetime.fromisoformat(taken.json()["start"])) == (
        201,
        datetime.fromisoformat(offer["start_at"]),
    ), taken.text
