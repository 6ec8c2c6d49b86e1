"""Events reach the systems that subscribed to them: signed, at least once, tried for a day, and then dead letters."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from sqlalchemy import text
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from app.identity.service.refresh import start_family
from app.kernel import clock, ids
from app.kernel import db as kernel_db
from app.kernel.actor import Role
from app.kernel.consumer_runner import catch_up
from app.kernel.jobs import LANES, Lane
from app.kernel.worker import Worker
from app.webhooks import delivery, rules, service
from app.webhooks.models import Webhook
from tests.conftest import Database
from tests.identity.sign_in import bearer
from tests.notifications.mailbox import Mailbox, value
from tests.web.personnel import hire
from tests.webhooks.factories import ADMIN, happen, reopen, statuses, subscribe, work
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)
SOON = 9.0
"""Seconds; sooner than a call that isn't answered ends."""


async def webhook_of(webhook_id: UUID) -> Webhook:
    async with kernel_db.reading() as session:
        return await session.get_one(Webhook, webhook_id)


async def change(webhook_id: UUID, **values: object) -> None:
    async with kernel_db.transaction() as session:
        webhook = await session.get_one(Webhook, webhook_id)
        for name, one in values.items():
            setattr(webhook, name, one)


async def test_an_event_arrives_as_the_libraries_of_both_standards_read_it(db: Database, receiver: Receiver) -> None:
    made = await subscribe(receiver)
    unit_id = ids.new_id()
    (event_id,) = await happen(unit_id=unit_id)
    await work()
    (call,) = receiver.calls
    Verifier(made.secret).verify(call.body, call.headers)
    read = from_structured(HTTPMessage(call.headers, call.body), JSONFormat(), CloudEvent)
    assert (read.get_id(), read.get_type(), read.get_specversion()) == (event_id, "holiday.added", "1.0")
    assert call.id == event_id
    assert call.headers["content-type"].startswith("application/cloudevents+json")
    data = read.get_data()
    assert isinstance(data, dict)
    assert (data["unit_id"], data["affected"]) == (str(unit_id), 0)
    assert set(data) == {"unit_id", "service", "service_version", "channel", "on_date", "affected"}
    assert await statuses() == ["delivered"]


async def test_a_body_that_was_changed_on_the_way_is_refused_by_the_verifier(db: Database, receiver: Receiver) -> None:
    made = await subscribe(receiver)
    await happen()
    await work()
    (call,) = receiver.calls
    with pytest.raises(WebhookVerificationError):
        Verifier(made.secret).verify(call.body.replace(b"holiday", b"hoIiday"), call.headers)


async def test_only_what_was_subscribed_and_only_from_then_on(db: Database, receiver: Receiver) -> None:
    await happen(2)
    await subscribe(receiver, "holiday.added")
    wanted = await happen(3)
    await reopen()
    await work()
    assert sorted(receiver.ids) == sorted(wanted)


async def test_both_secrets_verify_while_one_is_rotated_and_then_only_the_new_one(
    db: Database, receiver: Receiver
) -> None:
    first = await subscribe(receiver)
    async with db.transaction() as session:
        second = await service.rotate_secret(session, ADMIN, first.webhook.id)
    await happen()
    await work()
    for secret in (first.secret, second.secret):
        Verifier(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)
    await change(first.webhook.id, previous_until=clock.now() - timedelta(seconds=1))
    await happen()
    await work()
    Verifier(second.secret).verify(receiver.calls[1].body, receiver.calls[1].headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(first.secret).verify(receiver.calls[1].body, receiver.calls[1].headers)
    async with db.transaction() as session:
        await delivery.forget_previous_secrets(session)
    assert (await webhook_of(first.webhook.id)).previous_secret is None


async def test_what_is_not_taken_is_sent_again_with_the_same_id(db: Database, receiver: Receiver) -> None:
    await subscribe(receiver)
    receiver.answers = [500, 302]
    (event_id,) = await happen()
    await work()
    assert await statuses() == ["pending"]
    await work()
    assert len(receiver.calls) == 1, "it waits"
    await work(advance=True)
    await work(advance=True)
    assert receiver.ids == [event_id] * 3
    assert len({call.body for call in receiver.calls}) == 1
    assert await statuses() == ["delivered"]


async def test_of_many_events_only_those_that_were_refused_are_sent_again(db: Database, receiver: Receiver) -> None:
    await subscribe(receiver)
    receiver.answers = [200, 500, 200, 200, 200]
    made = await happen(5)
    await work()
    await work(advance=True)
    assert len(receiver.calls) == 6
    assert set(receiver.ids) == set(made)
    assert await statuses() == ["delivered"] * 5


async def test_after_a_day_it_is_a_dead_letter_and_can_be_sent_again(db: Database, receiver: Receiver) -> None:
    made = await subscribe(receiver)
    receiver.status = 503
    await happen()
    for _ in range(rules.MAX_ATTEMPTS):
        await work(advance=True)
    assert await statuses() == ["dead-letter"]
    assert len(receiver.calls) == rules.MAX_ATTEMPTS
    await work(advance=True)
    assert len(receiver.calls) == rules.MAX_ATTEMPTS, "it isn't tried any more"
    assert await value("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'") == 0
    receiver.status = 200
    async with db.transaction() as session:
        assert await service.retry_dead_letters(session, ADMIN, made.webhook.id) == 1
    await work()
    assert await statuses() == ["delivered"]


async def test_an_endpoint_that_does_not_answer_is_tried_with_one_event_of_a_job(
    db: Database, receiver: Receiver
) -> None:
    await subscribe(receiver, url="http://127.0.0.1:9/hooks")
    count = delivery.BATCH + 20
    await happen(count)
    await work()
    assert await value("SELECT count(*) FROM webhook_attempt WHERE reason = 'connection'") == 1
    assert await value("SELECT min(attempts) + max(attempts) FROM webhook_delivery") == 2
    assert await statuses() == ["pending"] * count


async def test_a_silent_endpoint_does_not_hold_up_the_others(db: Database, receiver: Receiver) -> None:
    """It has one slot of the lane, however many jobs it has before theirs."""
    async with serving_silence() as silent:
        await subscribe(receiver, "holiday.added", url=silent)
        for _ in range(LANES[Lane.WEBHOOKS].slots + 2):
            await happen()
            await catch_up("webhooks")
        await subscribe(receiver, "schedule-exception.removed")
        event_id = await reopen()
        await catch_up("webhooks")
        stop = asyncio.Event()
        working = asyncio.create_task(Worker(grace_seconds=0).run(stop))
        async with asyncio.timeout(SOON):
            while not receiver.calls:
                await asyncio.sleep(0.02)
        stop.set()
        await working
    assert receiver.ids == [event_id]


@asynccontextmanager
async def serving_silence() -> AsyncIterator[str]:
    """The URL of a server that takes what it is sent and never answers."""

    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    server.close()


async def test_an_address_inside_is_not_called(
    db: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.kernel.settings import forget_settings

    await subscribe(receiver)
    monkeypatch.setenv("VENTANILLA_OUTBOUND_TRUSTED_NETWORKS", "10.0.0.0/8")
    forget_settings()
    await happen()
    await work()
    assert receiver.calls == []
    assert await value("SELECT reason FROM webhook_attempt") == "address"


async def test_the_log_has_status_and_the_first_kilobyte_of_the_answer(db: Database, receiver: Receiver) -> None:
    await subscribe(receiver)
    receiver.status, receiver.text = 422, "ñ\x00" + "x" * 5_000
    await happen()
    await work()
    async with db.transaction() as session:
        row = (await session.execute(text("SELECT status, answer, milliseconds FROM webhook_attempt"))).one()
    assert row.status == 422
    assert row.answer.startswith("ñ\N{REPLACEMENT CHARACTER}xxx")
    assert len(row.answer.encode()) <= rules.STORED_ANSWER + 2


async def test_an_endpoint_that_fails_for_three_days_is_disabled_and_its_contact_gets_a_mail(
    db: Database, receiver: Receiver, mailbox: Mailbox
) -> None:
    made = await subscribe(receiver)
    receiver.status = 500
    await happen()
    await work()
    assert (await webhook_of(made.webhook.id)).failing_since is not None
    await change(made.webhook.id, failing_since=clock.now() - timedelta(days=3, minutes=1))
    await work(advance=True)
    webhook = await webhook_of(made.webhook.id)
    assert webhook.disabled_because == "failing"
    assert await value("SELECT count(*) FROM event WHERE type = 'webhook.disabled'") == 1
    (mail,) = mailbox.got
    assert mail["To"] == "soporte@ejemplo.mx"
    assert "Expediente" in str(mail["Subject"])
    calls = len(receiver.calls)
    await work(advance=True)
    await happen()
    await work(advance=True)
    assert len(receiver.calls) == calls
    assert await statuses() == ["dead-letter"], "what was pending ended, and what happened since isn't sent"


async def test_a_success_ends_the_days_of_failures(db: Database, receiver: Receiver) -> None:
    made = await subscribe(receiver)
    await change(made.webhook.id, failing_since=clock.now() - timedelta(days=10))
    await happen()
    await work()
    webhook = await webhook_of(made.webhook.id)
    assert (webhook.failing_since, webhook.disabled_at) == (None, None)
    assert webhook.delivered_at is not None


async def test_an_endpoint_that_is_no_more_is_disabled_at_once_and_its_mail_shown_in_development(
    db: Database, receiver: Receiver, client: httpx.AsyncClient
) -> None:
    made = await subscribe(receiver)
    receiver.status = 410
    await happen()
    await work()
    assert (await webhook_of(made.webhook.id)).disabled_because == "refused"
    shown = (await client.get("/desarrollo/correo")).text
    assert "Se desactivó el webhook «Expediente»" in shown
    assert "soporte@ejemplo.mx" in shown
    assert "respondió 410" in shown
    assert "tres días" not in shown
    assert await value("SELECT count(*) FROM event WHERE person_id IS NOT NULL") == 0, "no citizen's message"


async def test_a_mail_about_a_webhook_that_is_refused_is_a_dead_letter_of_no_person(
    db: Database, receiver: Receiver, mailbox: Mailbox, client: httpx.AsyncClient
) -> None:
    await subscribe(receiver)
    receiver.status, mailbox.say = 410, "550 no such person"
    await happen()
    await work()
    assert await value("SELECT status FROM message") == "dead-letter"
    assert await value("SELECT count(*) FROM contact_failure") == 0
    staff_id = await hire(db, "administra", Role.ADMIN)
    async with db.transaction() as session:
        tokens = await start_family(session, staff_id=staff_id)
    listed = await client.get("/api/v1/messages/dead-letters", headers=bearer(tokens.access_token))
    assert [(one["kind"], one["recipient"]) for one in listed.json()] == [("webhook.disabled", "soporte@ejemplo.mx")]
    assert await value("SELECT count(*) FROM personal_data_view") == 0


async def test_replay_sends_a_time_again_with_the_same_ids(db: Database, receiver: Receiver) -> None:
    made = await subscribe(receiver)
    first = await happen(2)
    await work()
    begin = clock.now()
    second = await happen(3)
    await work()
    async with db.transaction() as session:
        count = await service.replay(session, ADMIN, made.webhook.id, begin, clock.now() + timedelta(seconds=1))
    assert count == 3
    await work()
    assert sorted(receiver.ids) == sorted([*first, *second, *second])


async def test_replay_has_what_happened_before_the_subscription(db: Database, receiver: Receiver) -> None:
    begin = clock.now()
    earlier = await happen(2)
    made = await subscribe(receiver)
    await work()
    async with db.transaction() as session:
        await service.replay(session, ADMIN, made.webhook.id, begin, clock.now() + timedelta(seconds=1))
    await work()
    assert sorted(receiver.ids) == sorted(earlier)


async def test_a_test_event_is_signed_like_the_others(db: Database, receiver: Receiver) -> None:
    made = await subscribe(receiver)
    async with db.transaction() as session:
        event_id = await service.send_test(session, ADMIN, made.webhook.id)
    await work()
    (call,) = receiver.calls
    Verifier(made.secret).verify(call.body, call.headers)
    read = json.loads(call.body)
    assert (read["type"], read["id"], read["data"]) == ("webhook.test", str(event_id), {})
    assert "sequence" not in read


async def test_sequences_order_events_as_the_log_does(db: Database, receiver: Receiver) -> None:
    await subscribe(receiver)
    made = await happen(12)
    await work()
    read = [json.loads(call.body) for call in receiver.calls]
    assert [one["id"] for one in sorted(read, key=lambda one: one["sequence"])] == made


async def test_an_event_read_again_is_no_second_delivery(db: Database, receiver: Receiver) -> None:
    from app.kernel.consumers import CONSUMERS, rewind

    await subscribe(receiver)
    await happen(3)
    await work()
    async with db.transaction() as session:
        await rewind(CONSUMERS["webhooks"], session)
    await work()
    assert len(receiver.calls) == 3


async def test_old_deliveries_and_attempts_are_deleted(db: Database, receiver: Receiver) -> None:
    await subscribe(receiver)
    await happen()
    await work()
    async with db.transaction() as session:
        await delivery.delete_before(session, clock.now() + timedelta(days=1))
    assert await statuses() == []
    assert await value("SELECT count(*) FROM webhook_attempt") == 0
