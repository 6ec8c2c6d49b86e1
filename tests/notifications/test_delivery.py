"""Codes and confirmations reach a real mail server; those that can't be delivered are dead letters."""

import re

import pytest
from icalendar import Calendar
from sqlalchemy import text

from app.identity.models import Account
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Anonymous, Role
from app.kernel.problems import NotFound
from app.notifications import queries, service
from app.places.models import Unit
from app.registry.models import Person
from app.registry.sign_in import send_code
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.mailbox import Mailbox, advance_time, plain, run_due_jobs, value, work

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


async def account(db: Database, *, language: str = "es") -> Person:
    async with db.transaction() as session:
        unit = await factories.unit(session)
        ana = await factories.person(session, unit)
        session.add(
            Account(
                person_id=ana.id,
                curp=ana.curp,
                email="ana@ejemplo.mx",
                language=language,
                created_at=clock.now(),
                assurance="full",
            )
        )
        await factories.seats(session, unit, count=2)
    return ana


async def book(db: Database, ana: Person) -> str:
    async with db.transaction() as session:
        unit = await session.get_one(Unit, ana.unit_id)
        return (await factories.booked(session, ana, factories.place(unit, factories.tomorrow()))).folio


async def ask_for_code(db: Database, ana: Person) -> None:
    async with db.transaction() as session:
        await send_code(session, Anonymous(address="10.0.0.1"), identifier=ana.curp, language="es")


async def test_a_code_arrives_and_is_then_readable_nowhere(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db)
    await ask_for_code(db, ana)
    await work(until_messages=1)
    (mail,) = mailbox.got
    assert mail["To"] == "ana@ejemplo.mx"
    body = plain(mail)
    code = re.search(r"\b\d{6}\b", body)
    assert code
    assert code.group() in str(mail["Subject"])
    assert "/entrar/enlace/" in body
    assert await value("SELECT ciphertext FROM sign_in_code") is None
    stored = await value("SELECT concat(subject, body, link) FROM message")
    assert code.group() not in stored


async def test_a_code_for_no_one_sends_nothing(db: Database, mailbox: Mailbox) -> None:
    async with db.transaction() as session:
        await send_code(session, Anonymous(address="10.0.0.1"), identifier="XXXX000101HDFXXX00", language="es")
    ana = await account(db)
    await book(db, ana)
    await work(until_messages=1)  # what came after the code was followed, so the code was too
    (mail,) = mailbox.got
    assert "Cita" in mail["Subject"]
    assert await value("SELECT count(*) FROM message") == 1


async def test_a_confirmation_carries_the_appointment_for_a_calendar(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db)
    folio = await book(db, ana)
    await work(until_messages=1)
    (mail,) = mailbox.got
    body = mail.get_body(("plain",))
    assert body is not None
    assert folio in body.get_content()
    assert "9:00 a.m." in body.get_content()
    (attached,) = mail.iter_attachments()
    assert attached.get_content_type() == "application/ics"
    (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")
    assert event.decoded("dtstart") == factories.tomorrow()
    assert folio in str(event["description"]) + str(event["summary"]) + str(event.get("url", ""))


async def test_it_is_written_in_the_language_of_the_account(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db, language="en")
    await book(db, ana)
    await work(until_messages=1)
    assert "Appointment confirmed" in str(mailbox.got[0]["Subject"])


async def test_reading_the_log_twice_sends_once(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db)
    await book(db, ana)
    await work(until_messages=1)
    async with db.transaction() as session:
        await session.execute(text("UPDATE event_consumer SET position = 0"))
    await work(until_messages=1)
    assert len(mailbox.got) == 1


async def test_a_busy_server_is_asked_again_and_then_the_message_is_a_dead_letter(
    db: Database, mailbox: Mailbox
) -> None:
    ana = await account(db)
    await book(db, ana)
    mailbox.say = "451 4.3.0 Try again later"
    await work(until_messages=1)
    assert (await value("SELECT status FROM message"), await value("SELECT attempts FROM message")) == ("pending", 1)
    for _ in range(service.MAX_ATTEMPTS):
        await advance_time()
        await run_due_jobs()
    assert mailbox.asked == service.MAX_ATTEMPTS
    assert await value("SELECT status FROM message") == "dead-letter"
    assert "451" in await value("SELECT last_error FROM message")
    assert await value("SELECT count(*) FROM event WHERE type = 'message.dead-lettered'") == 1


async def test_a_refusal_for_good_parks_at_once_and_an_admin_tries_again(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db)
    await book(db, ana)
    mailbox.say = "550 5.1.1 No such user"
    await work(until_messages=1)
    assert mailbox.asked == 1
    admin = factories.staff(Role.ADMIN)
    async with db.transaction() as session:
        (message,) = await queries.dead_letter_messages(session, admin)
        assert "550" in str(message.last_error)
        with pytest.raises(WrongRole):
            await service.retry_message(session, factories.staff(Role.RECEPTIONIST), message.id)
        await service.retry_message(session, admin, message.id)
    mailbox.say = "250 OK"
    await work(until_messages=1)
    for _ in range(40):
        if mailbox.got:
            break
        await work(until_messages=1)
    assert len(mailbox.got) == 1
    assert await value("SELECT status FROM message") == "sent"


async def test_an_admin_records_that_the_person_was_notified(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db)
    await book(db, ana)
    mailbox.say = "550 5.1.1 No such user"
    await work(until_messages=1)
    admin = factories.staff(Role.ADMIN)
    async with db.transaction() as session:
        (message,) = await queries.dead_letter_messages(session, admin)
        await service.resolve_message(session, admin, message.id)
        assert await queries.dead_letter_messages(session, admin) == []
        with pytest.raises(NotFound):
            await service.resolve_message(session, admin, message.id)


async def test_a_code_that_can_no_longer_be_used_is_not_sent(db: Database, mailbox: Mailbox) -> None:
    ana = await account(db)
    await ask_for_code(db, ana)
    async with db.transaction() as session:
        await session.execute(text("UPDATE sign_in_code SET ciphertext = NULL"))
    await work(until_messages=1)
    assert mailbox.got == []
    assert await value("SELECT status FROM message") == "dead-letter"
