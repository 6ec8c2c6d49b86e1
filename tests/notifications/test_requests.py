"""People are notified about their requests: each change once, in their language, and nothing on a locked screen."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.kernel import clock
from app.kernel.i18n import format_day
from app.notifications import gsm
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person
from app.requests import jobs
from tests.appointments import factories as places
from tests.notifications.factories import COMPLAINT, SITE, account, address, ask, complain, decide, words
from tests.notifications.mailbox import Mailbox, value, work
from tests.requests import actors
from tests.requests.conftest import Scene

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

NAME = "Queja, sugerencia o felicitación"
NAME_IN_ENGLISH = "Complaint, suggestion or thanks"


async def write(
    scene: Scene, by: actors.Officer | actors.Citizen, folio: str, body: str, *, note: bool = False
) -> None:
    said = {"body": body, "note": note}
    wrote = await scene.client.post(f"/api/v1/requests/{folio}/messages", json=said, headers=by.keyed())
    assert wrote.status_code == 204, wrote.text


def day(iso: str) -> str:
    return format_day(date.fromisoformat(iso))


async def test_each_step_is_notified_once_and_leads_to_the_page(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    folio = await complain(scene)
    await work(until_messages=1)
    await ask(scene, folio)
    await work(until_messages=2)
    owed = await scene.citizen.get(folio)
    answered = await scene.citizen.post(folio, "answer", body="El lunes.", answers={"happened_on": "2026-01-05"})
    assert answered.status_code == 200, answered.text
    await write(scene, scene.officer, folio, "Ya preguntamos en la clínica.")
    await work(until_messages=3)
    await decide(scene, folio, "approve", "answered", "Ya abre a las ocho.")
    await work(until_messages=4)
    assert [mail["Subject"] for mail in mailbox.got] == [
        f"Recibimos la solicitud {folio}",
        f"Necesitamos algo de usted para la solicitud {folio}",
        f"Tiene un mensaje sobre la solicitud {folio}",
        f"Ya hay respuesta a la solicitud {folio}",
    ]
    assert {mail["To"] for mail in mailbox.got} == {address(scene.ana.id)}
    for mail in mailbox.got:
        assert all(part in words(mail) for part in (NAME, folio, "Para: Ana", f"{SITE}/tramites/{folio}"))
    assert f"a más tardar el {day(owed['answer_by'])}" in words(mailbox.got[1])
    assert "Contestamos" in words(mailbox.got[3])
    said = "".join(map(words, mailbox.got))
    assert not any(secret in said for secret in ("¿Qué día fue?", "Ya preguntamos", "Ya abre", COMPLAINT["story"]))


async def test_what_was_received_says_when_it_will_be_decided(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    request = await scene.citizen.submit_request("complaint", **COMPLAINT)
    await work(until_messages=1)
    assert f"Se decide a más tardar el {day(request['due_on'])}" in words(mailbox.got[0])


async def test_a_refusal_says_until_when_it_may_be_appealed(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    folio = await complain(scene)
    await decide(scene, folio, "refuse", "not-ours")
    await work(until_messages=2)
    refused = words(mailbox.got[1])
    assert "Contestamos que no corresponde" in refused
    shown = (await scene.citizen.get(folio))["appeal_until"]
    assert "Los plazos cuentan desde que vea la decisión; si la ve hoy:" in refused
    assert f"- Revisión interna, a más tardar el {day(shown)}." in refused
    assert "Recurso de inconformidad" not in refused, "a complaint has no such means"


async def test_the_refusal_of_an_appeal_offers_no_other(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    folio = await complain(scene)
    await decide(scene, folio, "refuse", "not-ours")
    await scene.citizen.post(folio, "appeal", body="Sí es suyo.")
    boss = await scene.supervisor()
    await boss.claim(folio)
    await boss.decide(folio, "refuse", "not-ours", message="Sigue igual.")
    await work(until_messages=3)
    upheld = words(mailbox.got[2])
    assert "Contestamos que no corresponde" in upheld
    assert "Revisión interna" not in upheld


async def test_a_refusal_by_the_rules_says_the_fact_found_and_its_article(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    done = await scene.citizen.submit_request(
        "unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True
    )
    await work(until_messages=1)
    refused = words(mailbox.got[0])
    for reason in done["reasons"]:
        assert f"- {reason['text']} ({reason['ground']})" in refused
    assert "Hoy está dado de alta por un patrón" in refused
    assert "Lleva al menos" not in refused


async def test_a_visit_names_its_appointment_and_what_to_bring(scene: Scene, mailbox: Mailbox) -> None:
    folio, appointment = await invited_to_the_window(scene)
    await work(until_messages=3)
    (mail,) = [mail for mail in mailbox.got if "ventanilla" in mail["Subject"] and folio in mail["Subject"]]
    until = (await value("SELECT answer_by FROM request")).isoformat()
    assert all(part in words(mail) for part in (f"Cita: {appointment}", "Traiga: Identificación oficial", day(until)))
    assert [mail["Subject"].startswith("Cita confirmada") for mail in mailbox.got].count(True) == 1


async def invited_to_the_window(scene: Scene) -> tuple[str, str]:
    async with scene.db.transaction() as session:
        old = await actors.person(session, scene.unit, birth_on=date(1950, 5, 17), insured=False)
        await places.affiliate(session, old, starts_on=date(1980, 1, 1), ends_on=date(2020, 1, 1))
        (start_at,) = await places.seats(session, scene.unit, service="window")
    await account(scene, old.id)
    pensioner = actors.Citizen(scene.client, old.id)
    request = await pensioner.submit_request("pension", pension="old-age", clabe=actors.CLABE, household="alone")
    folio: str = request["folio"]
    await scene.officer.claim(folio)
    visit = {"unit_id": str(scene.unit.id), "room": 1, "start_at": start_at.isoformat(), "message": "Le esperamos."}
    booked = await scene.officer.post(f"{folio}/visit", visit)
    assert booked.status_code == 201, booked.text
    return folio, booked.json()["appointment_folio"]


async def test_a_request_that_lapsed_says_so(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    folio = await complain(scene)
    await ask(scene, folio)
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE request SET answer_by = answer_by - 60"))
    assert await jobs.lapse_batch() == 1
    await work(until_messages=3)
    assert mailbox.got[2]["Subject"] == f"Hay novedades de la solicitud {folio}"
    assert "se desechó sin decidirse" in words(mailbox.got[2])


async def test_it_is_written_in_the_language_of_the_account(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id, language="en")
    folio = await complain(scene)
    await work(until_messages=1)
    (mail,) = mailbox.got
    assert (mail["Subject"], mail["Content-Language"]) == (f"We received request {folio}", "en")
    assert f"Service: {NAME_IN_ENGLISH}" in words(mail)
    assert f"{SITE}/en/tramites/{folio}" in words(mail)


async def test_reading_the_log_twice_sends_once(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    await complain(scene)
    await work(until_messages=1)
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE event_consumer SET position = 0"))
    await work(until_messages=1)
    assert len(mailbox.got) == 1
    assert await value("SELECT count(*) FROM message") == 1
    assert await value("SELECT max(attempts) FROM event_consumer") == 0


async def test_what_is_answered_at_once_sends_nothing(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    assert (await scene.citizen.submit_request("vigencia"))["outcome"] == "approved"
    folio = await complain(scene)
    await work(until_messages=1)  # what came after the answer was followed, so the answer was too
    assert [mail["Subject"] for mail in mailbox.got] == [f"Recibimos la solicitud {folio}"]
    assert await value("SELECT count(*) FROM message") == 1


async def test_what_rules_refuse_at_once_sends_the_decision_alone(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    refused = await scene.citizen.submit_request(
        "unemployment", afore="AFORE Uno", clabe=actors.CLABE, understands_weeks=True
    )
    assert refused["outcome"] == "refused"
    folio = await complain(scene)
    await work(until_messages=2)
    subjects = [mail["Subject"] for mail in mailbox.got]
    assert sorted(subjects) == [
        f"Recibimos la solicitud {folio}",
        f"Ya hay respuesta a la solicitud {refused['folio']}",
    ]


async def test_neither_notes_nor_ones_own_messages_are_notified(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    folio = await complain(scene)
    await write(scene, scene.citizen, folio, "Sigue cerrada.")
    await write(scene, scene.officer, folio, "Preguntar a la clínica.", note=True)
    await decide(scene, folio, "approve", "answered")
    await work(until_messages=2)
    assert [mail["Subject"].split()[0] for mail in mailbox.got] == ["Recibimos", "Ya"]
    assert await value("SELECT count(*) FROM message") == 2


@pytest.mark.parametrize("language", ["es", "en"])
async def test_a_text_message_is_one_part_and_reveals_nothing(scene: Scene, language: str, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id, phone="+525512345678", language=language)
    folio = await complain(scene)
    await decide(scene, folio, "refuse", "not-ours")
    await work(until_messages=2)
    assert mailbox.got == []
    async with scene.db.transaction() as session:
        sent = (await session.execute(text("SELECT channel, recipient, body FROM message"))).all()
    page = f"{SITE}{'/en' if language == 'en' else ''}/tramites/{folio}"
    said = {
        "es": f"Hay novedades de la solicitud {folio}. Véalas en {page}",
        "en": f"There is news about request {folio}. See it at {page}",
    }
    assert [tuple(row) for row in sent] == [("sms", "+525512345678", said[language])] * 2
    assert all(gsm.plain(row.body) == row.body and gsm.places(row.body) <= gsm.ONE_PART for row in sent)


async def test_what_cannot_be_delivered_is_a_dead_letter(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    await complain(scene)
    mailbox.say = "550 5.1.1 No such user"
    await work(until_messages=1)
    assert mailbox.asked == 1
    assert await value("SELECT concat(kind, ' ', status) FROM message") == "request.submitted dead-letter"
    assert "550" in await value("SELECT last_error FROM message")
    assert await value("SELECT payload->>'kind' FROM event WHERE type = 'message.dead-lettered'") == "request.submitted"


async def child_of(scene: Scene, *holders: UUID) -> Person:
    async with scene.db.transaction() as session:
        child = await actors.person(session, scene.unit, birth_on=date(2015, 1, 1), insured=False, given_names="Luz")
        for holder in holders:
            await places.depend(session, await session.get_one(Person, holder), child)
    return child


async def other(scene: Scene) -> Person:
    async with scene.db.transaction() as session:
        return await actors.person(session, scene.unit)


async def reported(mailbox: Mailbox) -> set[str]:
    return {mail["To"] for mail in mailbox.got}


async def test_who_filed_for_a_child_is_notified(scene: Scene, mailbox: Mailbox) -> None:
    father = await other(scene)
    child = await child_of(scene, scene.ana.id, father.id)
    await account(scene, scene.ana.id)
    await account(scene, father.id)
    await scene.citizen.submit_request("complaint", person_id=child.id, **COMPLAINT)
    await work(until_messages=1)
    assert await reported(mailbox) == {address(scene.ana.id)}
    assert "Para: Luz" in words(mailbox.got[0])


async def test_when_who_filed_has_no_contact_the_other_parent_is_notified(scene: Scene, mailbox: Mailbox) -> None:
    father = await other(scene)
    child = await child_of(scene, scene.ana.id, father.id)
    await account(scene, father.id)
    await scene.citizen.submit_request("complaint", person_id=child.id, **COMPLAINT)
    await work(until_messages=1)
    assert await reported(mailbox) == {address(father.id)}


async def consent(scene: Scene, agent: Person) -> dict[str, Any]:
    until = clock.today(DEFAULT_ZONE) + timedelta(days=30)
    body = {"delegate_curp": agent.curp, "services": ["complaint"], "ends_on": until.isoformat()}
    given = await scene.client.post("/api/v1/mandates", json=body, headers=scene.citizen.keyed())
    assert given.status_code == 201, given.text
    mandate: dict[str, Any] = given.json()
    return mandate


async def test_who_has_the_consent_is_notified_until_it_is_withdrawn(scene: Scene, mailbox: Mailbox) -> None:
    agent = await other(scene)
    await account(scene, scene.ana.id)
    await account(scene, agent.id)
    mandate = await consent(scene, agent)
    filed = await actors.Citizen(scene.client, agent.id).submit_request(
        "complaint", person_id=scene.ana.id, **COMPLAINT
    )
    await work(until_messages=3)
    assert sorted(mail["To"] for mail in mailbox.got) == sorted([address(scene.ana.id)] * 2 + [address(agent.id)])
    assert "permiso" in next(mail["Subject"] for mail in mailbox.got if "permiso" in mail["Subject"])
    mailbox.got.clear()
    revoked = await scene.client.delete(f"/api/v1/mandates/{mandate['id']}", headers=scene.citizen.headers)
    assert revoked.status_code == 204, revoked.text
    await decide(scene, filed["folio"], "approve", "answered")
    await work(until_messages=5)
    assert await reported(mailbox) == {address(scene.ana.id)}
    assert await value("SELECT count(*) FROM message") == 5


async def test_an_approval_undone_is_notified(scene: Scene, mailbox: Mailbox) -> None:
    await account(scene, scene.ana.id)
    request = await scene.citizen.submit_request("data-correct", **actors.NAME)
    folio = request["folio"]
    await decide(scene, folio, "approve", "documents-agree")
    await work(until_messages=2)
    assert (await scene.officer.post(f"{folio}/undo")).status_code == 200
    await work(until_messages=3)
    assert "La solicitud fue aprobada." in words(mailbox.got[1])
    undone = words(mailbox.got[2])
    assert mailbox.got[2]["Subject"] == f"Hay novedades de la solicitud {folio}", "no outcome on a locked screen"
    assert "deshicimos la aprobación: sus datos están como antes" in undone
    assert f"Se decide a más tardar el {day(request['due_on'])}" in undone
    assert f"{SITE}/tramites/{folio}" in undone
    assert not {"Muñoz", "Peña"} & set(undone.split())
