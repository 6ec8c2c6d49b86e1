"""Assistance by the API: begun, the identity checked, citizens' routes used for the person, ended; and who may not."""

import asyncio
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import text

from app.identity.models import Account
from app.kernel import clock, ids
from app.kernel.actor import Role
from tests.appointments import factories as places
from tests.desk.clerks import Clerk, events
from tests.requests import actors, steps
from tests.requests.conftest import Scene
from tests.requests.factories import slug
from tests.web.tabs import latest_code

WRONG = {"birth": "1980-01-01", "nss-end": "9", "postal-code": "1", "room": "9", "employer": "Nadie"}
STORY = {"about": "complaint", "story": "La farmacia estaba cerrada."}


@pytest.fixture
async def clerk(scene: Scene) -> Clerk:
    return Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))


async def test_a_clerk_books_for_a_person_by_the_citizens_routes(clerk: Clerk) -> None:
    scene = clerk.scene
    async with scene.db.transaction() as session:
        first, second = await places.seats(session, scene.unit, count=2)
    await clerk.by_document()
    slots = await clerk.send("GET", "availability", params={"service": "family-medicine"})
    assert [day["seats"] for day in slots.json()["days"]] == [2]
    hold = {"unit_id": str(scene.unit.id), "service": "family-medicine", "room": 1, "start_at": first.isoformat()}
    held = await clerk.send("POST", "holds", hold | {"person_id": str(scene.ana.id)})
    assert held.status_code == 201, held.text
    made = await clerk.send("POST", "appointments", {"hold_id": held.json()["id"]})
    folio = made.json()["folio"]
    await clerk.send("POST", f"appointments/{folio}/move", {"room": 1, "start_at": second.isoformat()})
    gone = await clerk.send("POST", f"appointments/{folio}/cancel", {"reason": "other"})
    assert gone.json()["status"] == "cancelled"
    done = await events(scene, "seat.held", "appointment.booked", "appointment.moved", "appointment.cancelled")
    assert len(done) == 4
    for one in done:
        said = (one.actor_kind, one.actor_id, one.person_id, one.channel, one.payload["assistance_id"])
        assert said == ("staff", clerk.by.staff_id, scene.ana.id, "desk", clerk.assistance)


async def test_who_rings_an_hour_before_has_the_appointment_cancelled(clerk: Clerk) -> None:
    """What the portal tells who is too late to do it themselves."""
    scene = clerk.scene
    async with scene.db.transaction() as session:
        (start_at,) = await places.seats(session, scene.unit)
        made = await places.booked(session, scene.ana, places.place(scene.unit, start_at))
    with time_machine.travel(start_at - timedelta(hours=1), tick=True):
        own = await scene.client.post(
            f"/api/v1/appointments/{made.folio}/cancel",
            json={"reason": "other"},
            headers=scene.citizen.keyed() | {"If-Match": "*"},
        )
        assert slug(own) == (409, "cancel-too-late")
        await clerk.by_document()
        gone = await clerk.send("POST", f"appointments/{made.folio}/cancel", {"reason": "other"})
        assert gone.json()["status"] == "cancelled"


async def test_a_clerk_files_a_request_with_a_document_and_the_person_finds_it(clerk: Clerk) -> None:
    await clerk.by_document()
    started = await clerk.send("POST", "requests", {"service": "complaint", "answers": {"about": "complaint"}})
    assert started.status_code == 201, started.text
    folio = started.json()["folio"]
    saved = await clerk.send("PATCH", f"requests/{folio}", {"answers": STORY})
    assert saved.status_code == 200
    sent = await clerk.send("POST", f"requests/{folio}/submit")
    assert sent.status_code == 200, sent.text
    for one in await events(clerk.scene, "request.started", "request.saved", "request.submitted"):
        assert (one.actor_kind, one.actor_id, one.channel) == ("staff", clerk.by.staff_id, "desk")
        assert one.payload["assistance_id"] == clerk.assistance
    hers = await clerk.scene.citizen.get(folio)
    assert hers["kind"] == "review"


async def test_who_filed_a_request_for_a_person_does_not_decide_it(scene: Scene) -> None:
    clerk = await officer_who_helps(scene)
    folio = await draft_by(clerk)
    assert (await clerk.send("POST", f"requests/{folio}/submit")).status_code == 200
    await assert_kept_from(clerk, folio)


@pytest.mark.parametrize("step", ["start", "save", "attach", "submit", "message"])
async def test_one_step_for_a_person_keeps_staff_from_deciding(scene: Scene, step: str) -> None:
    """No matter who does the other steps."""
    clerk = await officer_who_helps(scene)
    hers = scene.citizen
    if step == "start":
        folio = await draft_by(clerk)
    else:
        folio = (await hers.start("complaint", about=STORY["about"], story=STORY["story"])).json()["folio"]
    if step == "save":
        assert (await clerk.send("PATCH", f"requests/{folio}", {"answers": STORY})).status_code == 200
    if step == "attach":
        headers = clerk.by.keyed() | {"Assistance-Id": clerk.assistance}
        files, kind = {"file": ("foto.png", actors.picture())}, {"kind": "evidence"}
        sent = await scene.client.post(f"/api/v1/requests/{folio}/documents", data=kind, files=files, headers=headers)
        assert sent.status_code == 201, sent.text
    by = clerk if step == "submit" else None
    done = await by.send("POST", f"requests/{folio}/submit") if by else await hers.submit(folio)
    assert done.status_code == 200, done.text
    if step == "message":
        sent = await clerk.send("POST", f"requests/{folio}/messages", {"body": "¿Cuándo me contestan?"})
        assert sent.status_code == 204, sent.text
    await assert_kept_from(clerk, folio)


async def test_who_works_on_a_request_cannot_act_for_its_person(scene: Scene) -> None:
    """Neither answer their own question, nor withdraw what they have, nor help with what they decided."""
    clerk = await officer_who_helps(scene)
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    helping, clerk.assistance = clerk.assistance, ""
    assert (await clerk.send("POST", f"work/{folio}/claim")).status_code == 200
    clerk.assistance = helping
    for path in ("withdraw", "messages"):
        sent = await clerk.send("POST", f"requests/{folio}/{path}", {"body": "Ya no."} if path == "messages" else None)
        assert slug(sent) == (403, "helper-is-officer"), path
    clerk.assistance = ""
    assert (await clerk.send("POST", f"work/{folio}/ask", {"body": "¿Cuándo?"})).status_code == 200
    clerk.assistance = helping
    assert (await clerk.send("POST", f"requests/{folio}/answer", {"body": "El lunes."})).status_code == 200
    await assert_kept_from(clerk, folio)


async def test_a_claim_that_lapsed_does_not_stop_who_helps(scene: Scene) -> None:
    clerk = await officer_who_helps(scene)
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    helping, clerk.assistance = clerk.assistance, ""
    assert (await clerk.send("POST", f"work/{folio}/claim")).status_code == 200
    clerk.assistance = helping
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE work_item SET lease_until = now() - interval '1 minute'"))
    assert (await clerk.send("POST", f"requests/{folio}/messages", {"body": "¿Ya?"})).status_code == 204
    await assert_kept_from(clerk, folio)


async def test_who_decided_a_request_cannot_help_with_it_afterwards(scene: Scene) -> None:
    clerk = await officer_who_helps(scene)
    folio = await steps.complain(scene, story="La farmacia cierra a mediodía.", about="complaint")
    await clerk.by.claim(folio)
    assert (await clerk.by.decide(folio, "approve", "answered", message="Ya.")).status_code == 200
    sent = await clerk.send("POST", f"requests/{folio}/messages", {"body": "No entiendo."})
    assert slug(sent) == (403, "helper-is-officer")


async def officer_who_helps(scene: Scene) -> Clerk:
    clerk = Clerk(scene, scene.officer)
    await clerk.by_document()
    return clerk


async def draft_by(clerk: Clerk) -> str:
    return str((await clerk.send("POST", "requests", {"service": "complaint", "answers": STORY})).json()["folio"])


async def assert_kept_from(clerk: Clerk, folio: str) -> None:
    """They can't claim it, it isn't given to them, and a colleague decides it."""
    clerk.assistance = ""
    assert slug(await clerk.send("POST", f"work/{folio}/claim")) == (403, "reviewer-excluded")
    assert slug(await clerk.send("POST", "work/claim", {})) == (409, "queue-empty"), "nor is it given to them"
    other = await steps.hire(clerk.scene, Role.OFFICER)
    assert (await other.claim(folio))["folio"] == folio
    decided = await other.decide(folio, "approve", "answered", message="Ya.")
    assert decided.status_code == 200, decided.text


async def test_a_key_used_for_one_person_is_new_for_another(clerk: Clerk) -> None:
    """What was done for one is never shown as done for the other."""
    body = {"service": "complaint", "answers": STORY}
    await clerk.by_document()
    first = await clerk.send("POST", "requests", body, key="the-same-key")
    await clerk.send("POST", f"assistances/{clerk.assistance}/end")
    async with clerk.scene.db.transaction() as session:
        other = await actors.person(session, clerk.scene.unit)
    clerk.assistance = ""
    started = await clerk.send("POST", "assistances", {"person_id": str(other.id), "channel": "desk"})
    clerk.assistance = started.json()["id"]
    await clerk.check("document", document="passport")
    second = await clerk.send("POST", "requests", body, key="the-same-key")
    assert (second.status_code, "Idempotency-Replayed" in second.headers) == (201, False)
    assert second.json()["person_id"] == str(other.id)
    assert second.json()["folio"] != first.json()["folio"]


async def known(scene: Scene) -> dict[str, str]:
    """What Ana answers to each question, once the registry knows it."""
    async with scene.db.transaction() as session:
        values = {"id": scene.ana.id, "code": "68000"}
        await session.execute(text("UPDATE person SET postal_code = :code WHERE id = :id"), values)
    nss_end = (scene.ana.nss or "")[-4:]
    return {"birth": "1990-05-17", "nss-end": nss_end, "postal-code": "68000", "room": "1", "employer": "A1"}


async def test_another_check_never_lowers_the_level(clerk: Clerk) -> None:
    answers = await known(clerk.scene)
    await clerk.by_document()
    also = await clerk.check("questions", answers=answers)
    assert (also.json()["identity"], also.json()["assurance"]) == ("questions", "full")


async def test_the_rules_are_those_of_the_persons_level(clerk: Clerk) -> None:
    """By questions it is known as surely as by entering what the registry has: the low level."""
    scene = clerk.scene
    answers = await known(scene)
    started = await clerk.start("phone")
    questions = started.json()["questions"]
    assert (started.json()["identity"], questions[0]) == (None, "birth")
    for too_few in ({}, {"birth": "1990-05-17", "nss-end": "1", "postal-code": " "}, {"nss-end": "", "birth": "x"}):
        not_counted = await clerk.check("questions", answers=too_few)
        assert slug(not_counted) == (422, "invalid")
        assert [one["field"] for one in not_counted.json()["fields"]] == ["answers"]
    wrong = await clerk.check("questions", answers=WRONG | {"birth": "1990-05-17"})
    assert (wrong.status_code, wrong.json()["identity"], wrong.json()["attempts_left"]) == (200, None, 2)
    assert "68000" not in wrong.text
    refused = await clerk.send("POST", "requests", {"service": "vigencia", "answers": {}})
    assert slug(refused) == (403, "assistance-not-open")
    right = await clerk.check("questions", answers={name: answers[name] for name in questions})
    assert (right.json()["identity"], right.json()["assurance"]) == ("questions", "low")
    refused = await clerk.send("POST", "requests", {"service": "vigencia", "answers": {}})
    assert slug(refused) == (403, "assurance-required")
    assert slug(await clerk.check("document", document="passport")) == (409, "check-not-offered")


async def test_a_code_is_sent_and_read_out(clerk: Clerk) -> None:
    scene = clerk.scene
    await clerk.start("phone")
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE person SET email = NULL, phone = NULL WHERE id = :id"), {"id": scene.ana.id})
    assert slug(await clerk.send("POST", f"assistances/{clerk.assistance}/code")) == (409, "no-contact-on-file")
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE person SET email = 'ana@ejemplo.mx' WHERE id = :id"), {"id": scene.ana.id})
    assert (await clerk.send("POST", f"assistances/{clerk.assistance}/code")).status_code == 204
    assert (await clerk.check("code", code="12")).json()["identity"] is None
    sent = await latest_code(scene.db)
    assert (await clerk.check("code", code=sent.code)).json()["assurance"] == "full"
    assert [one.payload["how"] for one in await events(scene, "assistance.identity-refused")] == ["code"]
    issued = await clerk.send("POST", "requests", {"service": "vigencia", "answers": {}})
    assert issued.status_code == 201, issued.text


async def test_no_code_goes_where_it_proves_nothing_or_the_account_was_frozen(clerk: Clerk) -> None:
    """Another person may have opened an account of the low level."""
    scene = clerk.scene
    account = Account(person_id=scene.ana.id, curp=scene.ana.curp, email="cuenta@ejemplo.mx", created_at=clock.now())
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE person SET email = NULL, phone = NULL WHERE id = :id"), {"id": scene.ana.id})
        session.add(account)
    await clerk.start("phone")

    async def ask() -> httpx.Response:
        return await clerk.send("POST", f"assistances/{clerk.assistance}/code")

    assert slug(await ask()) == (409, "no-contact-on-file")
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE account SET assurance = 'full', frozen_at = now()"))
    assert slug(await ask()) == (403, "account-frozen")
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE account SET frozen_at = NULL"))
    assert (await ask()).status_code == 204
    async with scene.db.transaction() as session:
        assert await session.scalar(text("SELECT email FROM sign_in_code")) == "cuenta@ejemplo.mx"


async def test_codes_and_lists_of_answers_about_a_person_are_limited_whoever_asks(clerk: Clerk) -> None:
    scene = clerk.scene
    async with scene.db.transaction() as session:
        known = text("UPDATE person SET email = 'ana@ejemplo.mx', postal_code = '68000' WHERE id = :id")
        await session.execute(known, {"id": scene.ana.id})
    statuses = []
    for _clerk in range(3):
        other = Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST))
        await other.start("phone")
        for _attempt in range(4):
            refused = await other.check("questions", answers=WRONG)
            statuses.append(refused.status_code)
    assert statuses == [200, 200, 200, 409, 200, 200, 200, 409, 429, 429, 429, 429]
    await clerk.start("phone")
    codes = [(await clerk.send("POST", f"assistances/{clerk.assistance}/code")).status_code for _code in range(4)]
    assert codes == [204, 204, 204, 429]


async def test_one_of_another_unit_an_analyst_and_a_stranger_cannot_begin(clerk: Clerk) -> None:
    scene = clerk.scene
    elsewhere = Clerk(scene, await steps.hire(scene, Role.RECEPTIONIST, await steps.unit(scene)))
    assert (await elsewhere.start()).status_code == 404
    analyst = Clerk(scene, await steps.hire(scene, Role.ANALYST))
    assert slug(await analyst.start()) == (403, "wrong-role")
    unknown = await clerk.send("POST", "assistances", {"person_id": str(ids.new_id()), "channel": "phone"})
    assert unknown.status_code == 404
    assert slug(await clerk.send("POST", "requests", {"service": "complaint"})) == (403, "wrong-role")
    asked = {"service": "family-medicine", "person": str(scene.ana.id)}
    assert (await elsewhere.send("GET", "availability", params=asked)).status_code == 404


async def test_staff_read_what_is_free_for_people_of_their_units(clerk: Clerk) -> None:
    scene = clerk.scene
    async with scene.db.transaction() as session:
        (first,) = await places.seats(session, scene.unit)
    day = (first - timedelta(hours=6)).date().isoformat()
    asked = {"service": "family-medicine", "person": str(scene.ana.id)}
    days = await clerk.send("GET", "availability", params=asked)
    assert [one["day"] for one in days.json()["days"]] == [day]
    times = await clerk.send("GET", f"availability/{day}", params=asked)
    assert [one["is_mine"] for one in times.json()["times"]] == [True]
    nobody = await clerk.send("GET", "availability", params={"service": "family-medicine"})
    assert nobody.status_code == 422


async def test_an_assistance_serves_its_own_clerk_until_it_ends(clerk: Clerk) -> None:
    await clerk.by_document()
    body = {"service": "complaint", "answers": {}}
    other = Clerk(clerk.scene, await steps.hire(clerk.scene, Role.RECEPTIONIST), clerk.assistance)
    assert slug(await other.send("POST", "requests", body)) == (403, "assistance-not-open")
    assert slug(await other.send("GET", f"assistances/{clerk.assistance}")) == (403, "assistance-not-open")
    with time_machine.travel(clock.now() + timedelta(minutes=29), tick=True):
        assert (await clerk.send("POST", "requests", body)).status_code == 201
    with time_machine.travel(clock.now() + timedelta(minutes=58), tick=True):
        assert (await clerk.send("POST", "requests", body)).status_code == 200
        ended = await clerk.send("POST", f"assistances/{clerk.assistance}/end")
        assert ended.status_code == 204
        assert slug(await clerk.send("POST", "requests", body)) == (403, "assistance-not-open")
    clerk.assistance = "nothing"
    assert slug(await clerk.send("POST", "requests", body)) == (403, "assistance-not-open")


async def test_begun_again_it_goes_on_and_on_the_other_channel_it_begins_anew(clerk: Clerk) -> None:
    first = (await clerk.start("phone")).json()["id"]
    assert (await clerk.start("phone")).json()["id"] == first
    assert (await clerk.start("desk")).json()["id"] != first
    (ended,) = await events(clerk.scene, "assistance.ended")
    assert str(ended.subject_id) == first
    assert slug(await clerk.send("GET", f"assistances/{first}")) == (403, "assistance-not-open"), "it isn't that one"


async def test_begun_twice_at_once_it_is_one(clerk: Clerk) -> None:
    body = {"person_id": str(clerk.scene.ana.id), "channel": "desk"}
    made = await asyncio.gather(*(clerk.send("POST", "assistances", body) for _ in range(8)))
    assert {one.status_code for one in made} == {201}
    assert len({one.json()["id"] for one in made}) == 1


async def test_a_refusal_that_staff_see_for_a_person_notifies_them_of_nothing(clerk: Clerk) -> None:
    """The terms against it begin when the person is shown it."""
    scene = clerk.scene
    folio = await steps.complain(scene)
    await scene.officer.claim(folio)
    decided = await scene.officer.decide(folio, "refuse", "not-ours")
    assert decided.status_code == 200, decided.text
    await clerk.by_document()
    seen = await clerk.send("GET", f"requests/{folio}")
    assert seen.status_code == 200
    async with scene.db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM refusal WHERE notified_at IS NOT NULL")) == 0
    await scene.citizen.get(folio)
    async with scene.db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM refusal WHERE notified_at IS NOT NULL")) == 1


async def test_routes_of_the_account_take_no_assistance(clerk: Clerk) -> None:
    await clerk.by_document()
    for method, path in (("GET", "me"), ("GET", "mandates"), ("GET", "me/accesses"), ("POST", "me/contact-changes")):
        answer = await clerk.send(method, path, {} if method == "POST" else None)
        assert slug(answer) == (403, "wrong-role"), path
