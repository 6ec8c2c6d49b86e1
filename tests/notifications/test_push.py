"""Notices in browsers: what is sent and to whom, what answers of a push service do, and what ends a subscription."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from py_vapid import Vapid02
from sqlalchemy import text

from app.commands.run import import_jobs
from app.identity.service.account_freeze import freeze, sign_report_link
from app.identity.service.accounts import close_account
from app.identity.service.revocation import revoke_all_access
from app.kernel.actor import Anonymous, Assurance
from app.kernel.consumer_runner import catch_up
from app.kernel.outbound import close_outbound_client
from app.kernel.settings import forget_settings
from app.notifications import push_delivery, push_keys, push_subscriptions, push_transport
from app.notifications.delivery_rules import DeliveryState
from app.notifications.models import Message
from app.notifications.reminder_rules import Moment
from app.notifications.reports import delivery_state
from tests.appointments import factories
from tests.conftest import Database
from tests.notifications.factories import add_account
from tests.notifications.mailbox import Mailbox, advance_time, value
from tests.notifications.pushing import PATH, Phone, PushBrowser, signed_in
from tests.notifications.reminding import Case, case, choose, work
from tests.webhooks.factories import ADMIN
from tests.webhooks.receiver import Receiver, receiving

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)

PUSHED = "SELECT status FROM message WHERE channel = 'push'"


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    async with receiving(monkeypatch) as receiver:
        receiver.status = 201
        yield receiver
        await close_outbound_client()


@pytest.fixture
async def here(db: Database) -> Case:
    return await case(db)


@pytest.fixture
async def phone(client: httpx.AsyncClient, db: Database, here: Case) -> Phone:
    return await signed_in(client, db, here.ana.id)


async def send() -> None:
    """The worker follows the log, and sends."""
    import_jobs()
    await catch_up("notifications")
    await work()


async def turned_on(phone: Phone, service: Receiver, name: str = "uno", **more: Any) -> PushBrowser:
    browser = PushBrowser(service, name)
    answer = await phone.turn_on(browser, **more)
    assert answer.status_code == 201, answer.text
    return browser


async def test_a_browser_shows_what_a_mail_says_without_any_data(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox, client: httpx.AsyncClient
) -> None:
    browser = await turned_on(phone, service)
    english = await turned_on(phone, service, "two", language="en")
    await send()
    message_id = await value(
        "SELECT m.id FROM message m JOIN push_subscription s ON CAST(s.id AS text) = m.recipient WHERE s.name = 'uno'"
    )
    assert browser.shown == [{"title": "Su cita quedó reservada.", "url": "/mi", "tag": str(message_id), "lang": "es"}]
    assert [(one["title"], one["url"]) for one in english.shown] == [("Your appointment is booked.", "/en/mi")]
    assert len(mailbox.got) == 1, "the mail goes out as before"
    (call,) = browser.calls
    assert b"cita" not in call.body
    assert (call.headers["ttl"], call.headers["urgency"]) == (str(3 * 86_400), "normal")
    assert (call.headers["topic"], call.headers["content-encoding"]) == (message_id.hex, "aes128gcm")
    signed = call.headers["authorization"]
    assert Vapid02.verify(signed)
    assert signed.endswith(f",k={(await client.get('/api/v1/push-key')).json()['public_key']}")
    stored = await value("SELECT coalesce(body, '') || coalesce(link, '') || data FROM message WHERE channel = 'push'")
    assert stored == "{}"
    assert await value("SELECT count(*) FROM event WHERE type = 'message.sent' AND payload ->> 'by' = 'push'") == 2
    assert [one["delivered_at"] is not None for one in await phone.listed()] == [True, True]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_no_more_ends_its_subscription(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox, status: int
) -> None:
    await turned_on(phone, service)
    service.status = status
    await send()
    assert await phone.listed() == []
    assert await value("SELECT payload ->> 'because' FROM event WHERE type = 'push-subscription.ended'") == "expired"
    assert await value(f"{PUSHED} AND failure_code = '{status}'") == "dropped"
    assert await value("SELECT count(*) FROM message WHERE status = 'dead-letter'") == 0, "the mail went out"
    assert len(service.calls) == 1


@pytest.mark.parametrize("status", [400, 413, 301])
async def test_a_refusal_is_a_failure_for_good_of_this_notice_only(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox, db: Database, status: int
) -> None:
    await turned_on(phone, service)
    service.status = status
    await send()
    async with db.transaction() as session:
        message = await session.get_one(Message, await value(PUSHED.replace("status", "id")))
        assert (delivery_state(message), message.failure_code) == (DeliveryState.FAILED, str(status))
    assert len(await phone.listed()) == 1
    assert len(service.calls) == 1, "no redirect is followed"
    assert await value("SELECT count(*) FROM event WHERE type = 'message.failed' AND payload ->> 'by' = 'push'") == 1


async def test_a_service_that_wants_to_wait_is_asked_again_when_it_said(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox
) -> None:
    browser = await turned_on(phone, service)
    service.answers, service.retry_after = [429, 500], "900"
    await send()
    waits = "SELECT scheduled_at > now() + interval '14 minutes' FROM procrastinate_jobs WHERE status = 'todo'"
    assert await value(waits)
    assert await value(PUSHED) == "pending"
    for _ in range(2):
        await advance_time()
        await work()
    assert await value(PUSHED) == "sent"
    assert [call.headers["topic"] for call in browser.calls] == [browser.calls[0].headers["topic"]] * 3


async def test_one_that_never_answers_is_tried_six_times(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await turned_on(phone, service)
    monkeypatch.setattr(push_transport, "ANSWER_SECONDS", 0.05)
    service.seconds = 0.5
    await send()
    for _ in range(6):
        await advance_time()
        await work()
    assert len(service.calls) == 6
    assert await value(f"{PUSHED} AND failure_code = 'timeout'") == "dropped"
    assert len(await phone.listed()) == 1


async def test_a_worker_that_dies_after_sending_sends_one_that_the_browser_shows_once(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox
) -> None:
    browser = await turned_on(phone, service)
    await send()
    died = "UPDATE message SET status = 'pending', sending_at = now() - interval '4 minutes' WHERE channel = 'push'"
    await here.sql(died)
    await push_delivery.deliver(await value(PUSHED.replace("status", "id")))
    first, again = browser.shown
    assert first["tag"] == again["tag"]
    assert len({call.headers["topic"] for call in browser.calls}) == 1


async def test_a_reminder_is_shown_at_the_moments_that_the_person_chose(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox
) -> None:
    browser = await turned_on(phone, service)
    await send()
    await choose(here, Moment.DAY_1)
    await here.sql("UPDATE refresh_token SET expires_at = now() + interval '90 days'")
    await here.remind(here.before(3))
    assert len(browser.calls) == 1
    await here.remind(here.before(1))
    assert browser.shown[-1]["title"] == "Tiene un recordatorio de cita."
    assert int(browser.calls[-1].headers["ttl"]) < 24 * 3600, "until the appointment begins"


async def test_a_reminder_of_what_was_cancelled_meanwhile_is_dropped(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox
) -> None:
    browser = await turned_on(phone, service)
    await here.sql("UPDATE refresh_token SET expires_at = now() + interval '90 days'")
    service.answers = [500]
    await send()
    await advance_time()
    await work()
    service.answers = [500]
    await here.remind(here.before(1))
    calls = len(browser.calls)
    await here.sql("UPDATE appointment SET status = 'cancelled'")
    await advance_time()
    await work()
    assert len(browser.calls) == calls
    assert await value(f"{PUSHED} AND kind = 'appointment.reminder'") == "dropped"


async def test_the_sixth_browser_takes_the_place_of_the_oldest(phone: Phone, service: Receiver) -> None:
    for number in range(6):
        await turned_on(phone, service, f"b{number}")
    again = await turned_on(phone, service, "b5")
    assert [one["name"] for one in await phone.listed()] == ["b1", "b2", "b3", "b4", again.name]
    assert await value("SELECT count(*) FROM event WHERE type = 'push-subscription.added'") == 6
    assert await value("SELECT payload ->> 'because' FROM event WHERE type = 'push-subscription.ended'") == "limit"


async def test_a_browser_belongs_to_who_turned_it_on_last(
    phone: Phone, service: Receiver, here: Case, client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    browser = await turned_on(phone, service)
    async with db.transaction() as session:
        luz = await factories.person(session, here.unit)
        add_account(session, luz, email="luz@ejemplo.mx")
    other = await signed_in(client, db, luz.id)
    assert (await other.turn_on(browser)).status_code == 201
    assert (await phone.listed(), len(await other.listed())) == ([], 1)
    await send()
    assert service.calls == [], "what is Ana's isn't shown to Luz"


async def test_two_accounts_turn_on_one_browser_at_once(
    phone: Phone, service: Receiver, here: Case, client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as session:
        luz = await factories.person(session, here.unit)
        add_account(session, luz, email="luz@ejemplo.mx")
    other = await signed_in(client, db, luz.id)
    for number in range(3):
        browser = PushBrowser(service, f"shared {number}")
        answers = await asyncio.gather(*(one.turn_on(browser) for one in (phone, other) * 3))
        assert {answer.status_code for answer in answers} == {201}
    assert await value("SELECT count(*) FROM push_subscription") == 3


@pytest.mark.parametrize("how", ["sign-out", "freeze", "all-access", "close"])
async def test_it_ends_with_the_sign_in_and_the_account(
    phone: Phone, service: Receiver, here: Case, db: Database, mailbox: Mailbox, how: str
) -> None:
    await turned_on(phone, service)
    async with db.transaction() as session:
        if how == "freeze":
            await session.execute(
                text("UPDATE event SET type = 'identity.new-device' WHERE type = 'push-subscription.added'")
            )
            event_id = await session.scalar(text("SELECT id FROM event WHERE type = 'identity.new-device'"))
            await freeze(session, Anonymous(), sign_report_link(event_id))
        elif how == "all-access":
            await revoke_all_access(session, here.ana.id)
        elif how == "close":
            await close_account(session, factories.citizen(here.ana))
    if how == "sign-out":
        assert (await phone.client.post("/api/v1/sign-out", headers=phone.headers)).status_code == 204
    async with db.transaction() as session:
        assert await push_subscriptions.live_of(session, [here.ana.id]) == []
    await send()
    assert service.calls == []
    async with db.transaction() as session:
        await push_subscriptions.delete_ended(session)
    assert await value("SELECT count(*) FROM push_subscription") == 0


async def test_who_signed_in_at_the_low_level_sees_nothing_of_a_surer_contact(
    service: Receiver, here: Case, client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    impostor = await signed_in(client, db, here.ana.id, Assurance.LOW)
    await turned_on(impostor, service)
    await send()
    assert len(mailbox.got) == 1
    assert service.calls == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"endpoint": "http://10.0.0.1/uno"}, "endpoint"),
        ({"endpoint": "http://push.ejemplo.mx/uno"}, "endpoint"),
        ({"endpoint": "https://169.254.169.254/uno"}, "endpoint"),
        ({"endpoint": "https://ana:clave@push.ejemplo.mx/uno"}, "endpoint"),
        ({"endpoint": "ftp://push.ejemplo.mx/uno"}, "endpoint"),
        ({"keys": {"p256dh": "BAAA" * 21 + "AAA", "auth": "A" * 22}}, "p256dh"),
        ({"keys": {"p256dh": "B" * 87, "auth": "A" * 20}}, "auth"),
        ({"public_key": "BKey"}, "public_key"),
    ],
)
async def test_what_a_browser_gives_is_checked(
    phone: Phone, service: Receiver, changed: dict[str, Any], field: str
) -> None:
    answer = await phone.turn_on(PushBrowser(service), **changed)
    assert answer.status_code == 422, answer.text
    assert field in {one["field"].rpartition(".")[2] for one in answer.json()["fields"]}
    assert await phone.listed() == []


async def test_an_address_that_leads_inside_later_is_not_called(
    phone: Phone, service: Receiver, here: Case, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await turned_on(phone, service)
    monkeypatch.setenv("VENTANILLA_OUTBOUND_TRUSTED_NETWORKS", "10.0.0.0/8")
    forget_settings()
    await send()
    assert service.calls == []
    assert await value(f"{PUSHED} AND failure_code = 'address'") == "dropped"


async def test_a_person_ends_it_and_no_one_else_does(
    phone: Phone, service: Receiver, here: Case, client: httpx.AsyncClient, db: Database
) -> None:
    await turned_on(phone, service)
    (mine,) = await phone.listed()
    assert "endpoint" not in json.dumps(mine)
    async with db.transaction() as session:
        luz = await factories.person(session, here.unit)
        add_account(session, luz, email="luz@ejemplo.mx")
    other = await signed_in(client, db, luz.id)
    address = f"{PATH}/{mine['id']}"
    assert (await client.delete(address, headers=other.headers)).status_code == 404
    assert (await client.delete(address, headers=phone.headers)).status_code == 204
    assert (await client.delete(address, headers=phone.headers)).status_code == 404
    assert await value("SELECT payload ->> 'because' FROM event WHERE type = 'push-subscription.ended'") == "person"


async def test_a_browser_renews_its_address_by_the_old_one(
    phone: Phone, service: Receiver, here: Case, client: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    old, new = await turned_on(phone, service), PushBrowser(service, "nuevo")
    body = {"old_endpoint": old.endpoint, "endpoint": new.endpoint, "keys": new.keys}
    path = "/api/v1/push-subscriptions/renewals"
    assert (await client.post(path, json=body | {"old_endpoint": new.endpoint})).status_code == 404
    hostile = body | {"endpoint": "https://10.0.0.1/x"}
    assert (await client.post(path, json=hostile)).status_code == 422
    assert (await client.post(path, json=body)).status_code == 204
    assert (await client.post(path, json=body)).status_code == 404
    await send()
    assert (old.calls, len(new.shown)) == ([], 1)


async def test_a_new_key_is_for_new_subscriptions(
    phone: Phone, service: Receiver, here: Case, client: httpx.AsyncClient, db: Database, mailbox: Mailbox
) -> None:
    before = (await client.get("/api/v1/push-key")).json()["public_key"]
    old = await turned_on(phone, service, "viejo")
    async with db.transaction() as session:
        after = (await push_keys.replace_key(session, ADMIN)).public_key
    new = await turned_on(phone, service, "nuevo", public_key=after)
    assert (await phone.turn_on(old, public_key=before)).status_code == 422
    await send()
    signed = [one.calls[0].headers["authorization"].rpartition("=")[2] for one in (old, new)]
    assert signed == [before, after]
    private = await value("SELECT string_agg(encode(private_key, 'escape'), '') FROM push_key")
    assert "PRIVATE" not in private
    async with db.transaction() as session:
        await push_subscriptions.delete_ended(session)
        await session.execute(text("DELETE FROM push_subscription WHERE name = 'viejo'"))
        await push_keys.delete_unused(session)
    assert await value("SELECT string_agg(public_key, ' ') FROM push_key") == after


async def test_the_address_and_keys_are_encrypted_at_rest(phone: Phone, service: Receiver) -> None:
    browser = await turned_on(phone, service)
    stored = await value("SELECT string_agg(encode(target, 'escape'), '') FROM push_subscription")
    assert browser.endpoint not in stored
    assert browser.keys["auth"] not in stored
