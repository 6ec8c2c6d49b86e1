"""A gateway's signed reports and bounces of mail: the message has its state, and contacts that refuse are marked."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from app.kernel import clock, ids
from app.kernel.settings import forget_settings
from app.notifications import bounces, connections, reliability, return_paths, service
from app.notifications.bounces import Bounce
from app.notifications.delivery_rules import DeliveryState
from app.notifications.models import Message
from app.notifications.report_signatures import parse_secrets, sign
from app.notifications.reports import delivery_state
from tests.conftest import Database
from tests.notifications.gateway import Gateway
from tests.notifications.mailbox import Mailbox, value
from tests.notifications.reminding import Case, case
from tests.web.browser import signed_in_browser

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

SECRET = "whsec_" + "A" * 32
PHONE, MAIL = "+525512345678", "ana@ejemplo.mx"
BOUNCES = "rebotes@citas.ejemplo.mx"


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENTANILLA_REPORT_SECRET", SECRET)
    monkeypatch.setenv("VENTANILLA_BOUNCE_ADDRESS", BOUNCES)
    forget_settings()


@pytest.fixture
async def here(db: Database) -> Case:
    return await case(db, phone=PHONE, email=MAIL)


async def sent(here: Case, channel: str = "email", **about: Any) -> UUID:
    """A message that a server took."""
    given: dict[str, Any] = {"status": "sent", "sent_at": clock.now()} | about
    message = Message(
        id=ids.new_id(), event_id=ids.new_id(), kind="appointment.booked", subject_id=here.ana.id,
        person_id=here.ana.id, channel=channel, recipient=MAIL if channel == "email" else PHONE, language="es",
        subject="x", body="x", created_at=clock.now(), **given,
    )  # fmt: skip
    async with here.db.transaction() as session:
        session.add(message)
    return message.id


def signed(body: bytes, *, seconds: int = 0, secret: str = SECRET) -> dict[str, str]:
    at = int(time.time()) + seconds
    return {
        "webhook-id": "r1",
        "webhook-timestamp": str(at),
        "webhook-signature": sign(parse_secrets(secret)[0], "r1", at, body),
    }


async def report(client: httpx.AsyncClient, message_id: UUID, status: str, **more: Any) -> httpx.Response:
    content = {"id": str(message_id), "status": status, "at": clock.now().isoformat()} | more
    body = json.dumps(content).encode()
    headers = signed(body) | {"content-type": "application/json"}
    return await client.post("/api/v1/message-reports", content=body, headers=headers)


async def state(message_id: UUID) -> tuple[Any, ...]:
    return tuple(
        [
            await value(f"SELECT {column} IS NOT NULL FROM message WHERE id = '{message_id}'")
            for column in ("delivered_at", "delayed_at", "failed_at")
        ]
    )


async def marked(here: Case) -> list[str]:
    async with here.db.transaction() as session:
        return [one.address for one in await reliability.unreliable_contacts(session, here.ana.id)]


async def test_reports_of_the_gateway_in_any_order_and_twice(client: httpx.AsyncClient, here: Case) -> None:
    message_id = await sent(here, "sms")
    for status in ("failed-temporary", "delivered", "failed-temporary", "delivered"):
        assert (await report(client, message_id, status)).status_code == 204
    assert await state(message_id) == (True, True, False)
    assert await value("SELECT count(*) FROM event WHERE type = 'message.delivered'") == 1
    assert (await report(client, ids.new_id(), "delivered")).status_code == 204, "deleted long ago"


async def test_a_time_is_neither_before_the_message_nor_to_come(client: httpx.AsyncClient, here: Case) -> None:
    """The gateway's clock is another: a failure that is dated days ahead would outlast every later delivery."""
    message_id = await sent(here, "sms")
    ahead, behind = (clock.now() + timedelta(days=days) for days in (2, -2))
    for status, at in (("failed-permanent", ahead.isoformat()), ("failed-temporary", behind.isoformat())):
        assert (await report(client, message_id, status, at=at)).status_code == 204
    known = "failed_at <= now() AND delayed_at >= created_at"
    assert await value(f"SELECT {known} FROM message WHERE id = '{message_id}'")
    assert (await report(client, message_id, "delivered")).status_code == 204
    async with here.db.transaction() as session:
        assert delivery_state(await session.get_one(Message, message_id)) is DeliveryState.DELIVERED


@pytest.mark.parametrize("status", ["shown", "dropped"])
async def test_what_never_left_has_no_reports(client: httpx.AsyncClient, here: Case, status: str) -> None:
    message_id = await sent(here, "sms", status=status, sent_at=None)
    assert (await report(client, message_id, "delivered")).status_code == 204
    assert await state(message_id) == (False, False, False)


@pytest.mark.parametrize("wrong", ["unsigned", "old", "other secret", "other body"])
async def test_what_the_gateway_didn_t_sign_changes_nothing(client: httpx.AsyncClient, here: Case, wrong: str) -> None:
    message_id = await sent(here, "sms")
    body = json.dumps({"id": str(message_id), "status": "failed-permanent", "at": clock.now().isoformat()}).encode()
    headers = {
        "unsigned": {},
        "old": signed(body, seconds=-400),
        "other secret": signed(body, secret="whsec_" + "B" * 32),
        "other body": signed(body + b" "),
    }[wrong]
    answer = await client.post(
        "/api/v1/message-reports", content=body, headers=headers | {"content-type": "application/json"}
    )
    assert answer.json()["type"].endswith("report-not-signed")
    assert await state(message_id) == (False, False, False)


async def test_without_a_secret_no_reports_are_taken(
    client: httpx.AsyncClient, here: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VENTANILLA_REPORT_SECRET")
    forget_settings()
    assert (await report(client, await sent(here, "sms"), "delivered")).status_code == 404


async def test_a_sender_that_died_after_the_gateway_took_it_sends_it_no_second_time(
    client: httpx.AsyncClient, here: Case, gateway: Gateway
) -> None:
    message_id = await sent(here, "sms", status="pending", sending_at=clock.now(), sent_at=None)
    assert (await report(client, message_id, "delivered")).status_code == 204
    await service.deliver(message_id)
    assert gateway.asked == []
    assert await value("SELECT status FROM message") == "sent"


async def test_three_that_come_back_mark_the_contact_until_one_arrives(client: httpx.AsyncClient, here: Case) -> None:
    for _ in range(3):
        assert await marked(here) == []
        message_id = await sent(here, "sms")
        await report(client, message_id, "failed-permanent", code="invalid-number")
        await report(client, message_id, "failed-permanent", code="invalid-number")
    assert await marked(here) == [PHONE]
    async with here.db.transaction() as session:  # a server that takes the next proves nothing
        await reliability.note_success(session, await session.get_one(Message, message_id))
    assert await marked(here) == [PHONE]
    await report(client, await sent(here, "sms"), "delivered")
    assert await marked(here) == []


async def test_what_isn_t_the_contact_s_fault_doesn_t_count(client: httpx.AsyncClient, here: Case) -> None:
    for _ in range(3):
        await report(client, await sent(here, "sms"), "failed-permanent", code="5.7.1")
    assert await marked(here) == []


async def test_a_failure_is_forgotten_once_later_messages_brought_none(client: httpx.AsyncClient, here: Case) -> None:
    for _ in range(3):
        await report(client, await sent(here, "sms"), "failed-permanent")
    later = await sent(here, "sms")
    async with here.db.transaction() as session:
        await reliability.forget_disproved(session)
    assert await marked(here) == [PHONE]
    await here.sql("UPDATE contact_failure SET failed_at = failed_at - interval '9 days'")
    await here.sql("UPDATE message SET sent_at = sent_at - interval '4 days' WHERE id = :id", id=later)
    async with here.db.transaction() as session:
        await reliability.forget_disproved(session)
    assert await marked(here) == []


def bounce(to: str, *, action: str = "failed", status: str = "5.1.1", subtype: str = "report") -> bytes:
    """A delivery status notification, as mail servers write them."""
    return (
        f"Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.ejemplo.mx\r\nTo: {to}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nDate: Tue, 01 Dec 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/{subtype}; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo existe.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.ejemplo.mx\r\n\r\n"
        f"Final-Recipient: rfc822; {MAIL}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"
    ).encode()


async def test_a_mail_names_itself_in_the_address_of_its_bounces(
    client: httpx.AsyncClient, here: Case, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENTANILLA_REPORT_SECRET", SECRET)
    message_id = await sent(here, status="pending", sent_at=None)
    await service.deliver(message_id)
    assert mailbox.senders == [return_paths.return_path(BOUNCES, message_id)]
    body = bounce(mailbox.senders[0])
    for _ in range(2):
        answer = await client.post("/api/v1/message-bounces", content=body, headers=signed(body))
        assert answer.status_code == 204
    assert await state(message_id) == (False, False, True)
    assert await value(f"SELECT failure_code FROM message WHERE id = '{message_id}'") == "5.1.1"
    assert await value("SELECT count(*) FROM event WHERE type = 'message.failed'") == 1
    assert (await client.post("/api/v1/message-bounces", content=body)).status_code == 401


async def test_a_forged_bounce_marks_no_one(here: Case) -> None:
    message_id = await sent(here)
    local, _at, domain = BOUNCES.partition("@")
    token = return_paths.token_of(ids.new_id())[26:]
    for to in (BOUNCES, f"{local}+{message_id.hex}@{domain}", f"{local}+{'a' * 26}{token}@{domain}"):
        assert await bounces.take_bounce(bounce(to)) is Bounce.NOT_OURS
    assert await state(message_id) == (False, False, False)


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("delayed", "4.4.1", (False, True, False)),
        ("failed", "4.4.7", (False, True, False)),
        ("delivered", "2.0.0", (True, False, False)),
        ("relayed", "2.0.0", (False, False, False)),
    ],
)
async def test_what_a_bounce_says(here: Case, action: str, status: str, expected: tuple[bool, ...]) -> None:
    message_id = await sent(here)
    await bounces.take_bounce(bounce(return_paths.return_path(BOUNCES, message_id), action=action, status=status))
    assert await state(message_id) == expected


async def test_other_mail_and_rubbish_are_ignored(here: Case) -> None:
    to = return_paths.return_path(BOUNCES, await sent(here))
    assert await bounces.take_bounce(bounce(to, subtype="mixed")) is Bounce.NOT_A_REPORT
    assert await bounces.take_bounce(b"Subject: Estoy de vacaciones\r\n\r\nVuelvo el lunes.") is Bounce.NOT_A_REPORT
    assert await bounces.take_bounce(b"\x00\xff" * 500) is Bounce.NOT_A_REPORT
    assert await bounces.take_bounce(bounce(to) + b"x" * (1 << 20)) is Bounce.UNREADABLE


@pytest.mark.parametrize("kind", ["maildir", "mbox"])
async def test_the_mailbox_is_read_and_emptied(
    here: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    message_ids = [await sent(here) for _ in range(2)]
    mails = [bounce(return_paths.return_path(BOUNCES, one)) for one in message_ids] + [b"Subject: x\r\n\r\nHola\r\n"]
    path = tmp_path / "rebotes"
    if kind == "maildir":
        for number, (folder, mail) in enumerate(zip(("new", "cur", "new"), mails, strict=True)):
            (path / folder).mkdir(parents=True, exist_ok=True)
            (path / folder / f"{number}.host").write_bytes(mail)
    else:
        first = b"From MAILER-DAEMON Tue Dec  1 12:00:00 2026\n"
        path.write_bytes(b"".join(first + one.replace(b"\r", b"") + b"\n" for one in mails))
    monkeypatch.setenv("VENTANILLA_BOUNCE_MAILBOX", str(path))
    forget_settings()
    await bounces.read_mailbox()
    assert [await state(one) for one in message_ids] == [(False, False, True)] * 2
    left = [file for file in path.rglob("*") if file.is_file()] if kind == "maildir" else path.read_bytes()
    assert not left
    await bounces.read_mailbox()


async def test_who_sees_that_a_message_did_not_arrive(app: FastAPI, client: httpx.AsyncClient, here: Case) -> None:
    await report(client, await sent(here, "sms"), "failed-permanent", code="invalid-number")
    person = await signed_in_browser(app, here.db, person_id=here.ana.id)
    await person.get("/mi")
    assert "No pudimos llegar a su teléfono" in person.text
    assert PHONE not in person.text
    async with here.db.transaction() as session:
        await session.execute(text("UPDATE account SET phone = '+525500000000'"))
    await person.get("/mi")
    assert "No pudimos llegar" not in person.text, "it isn't their contact any more"


async def test_a_report_arrives_while_the_sender_still_waits_for_the_answer(
    client: httpx.AsyncClient, here: Case, gateway: Gateway
) -> None:
    gateway.seconds = 1.0
    message_id = await sent(here, "sms", status="pending", sent_at=None)
    sending = asyncio.create_task(service.deliver(message_id))
    while not gateway.asked:  # the gateway is a thread of its own
        await asyncio.sleep(0.02)
    assert (await report(client, message_id, "delivered")).status_code == 204
    await sending
    assert await value("SELECT (status, attempts, sending_at IS NULL)::text FROM message") == "(sent,1,t)"


async def test_a_gateway_that_hangs_or_refuses_for_now_gets_the_same_message_again(
    client: httpx.AsyncClient, here: Case, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TIMEOUT_SECONDS", 0.3)
    message_id = await sent(here, "sms", status="pending", sent_at=None)
    gateway.seconds = 0.8
    with pytest.raises(service.DeliveryFailed):
        await service.deliver(message_id)
    gateway.seconds, gateway.status = 0.0, 503
    with pytest.raises(service.DeliveryFailed):
        await service.deliver(message_id)
    gateway.status = 202
    await service.deliver(message_id)
    assert gateway.asked == [str(message_id)] * 3
    assert list(gateway.sent) == [str(message_id)], "which drops what it has"
    assert await value("SELECT (status, attempts)::text FROM message") == "(sent,3)"
    assert (await report(client, message_id, "delivered")).status_code == 204


async def test_a_gateway_that_refuses_for_good_fails_the_message_at_once(here: Case, gateway: Gateway) -> None:
    gateway.status = 422
    message_id = await sent(here, "sms", status="pending", sent_at=None)
    await service.deliver(message_id)
    assert gateway.asked == [str(message_id)]
    assert await value("SELECT status FROM message") == "dead-letter"
    async with here.db.transaction() as session:
        assert delivery_state(await session.get_one(Message, message_id)) is DeliveryState.FAILED
