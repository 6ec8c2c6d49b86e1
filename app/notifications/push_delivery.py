"""Deliver push notices: each is claimed, checked again, sent, and what became of it stored.

A worker that dies after it has sent one sends it again, with the same topic and tag: a push service that still has the
first keeps one of them, and a browser shows one. A notice that can't be delivered is no dead letter: what it is about
leaves by mail or text message too.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, crypto
from app.kernel.db import retry_until_stored, transaction
from app.kernel.events import record
from app.kernel.i18n import use_language
from app.kernel.jobs import RetryLater
from app.kernel.outbound import outbound_client
from app.kernel.outbound_rules import OutboundError, TargetRefused
from app.notifications import push_subscriptions, service
from app.notifications.composers import reminders, wait_list
from app.notifications.composers.notices import MessageText, push_text
from app.notifications.events import MessageFailed
from app.notifications.models import Message, Reminder
from app.notifications.push_models import PUSH_KEY_PURPOSE, PushKey, PushSubscription
from app.notifications.push_rules import Outcome, PushTarget, Urgency, outcome_of, ttl_of, wait_of
from app.notifications.push_transport import PushNotice, post, private_key_of
from app.notifications.reminder_rules import Decision
from app.notifications.settings import messaging_settings
from app.notifications.templates import store
from app.notifications.templates.defaults import templates

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message with all that sending it takes."""

    message: Message
    text: MessageText
    notice: PushNotice
    target: PushTarget
    key: ec.EllipticCurvePrivateKey


async def deliver(message_id: UUID) -> None:
    """Send a notice. One that was sent already, or isn't of use any more, isn't.

    Raises:
        RetryLater: to be tried again.
    """
    async with transaction() as session:
        message = next(iter(await service.claim(session, [message_id])), None)
        ready = await _prepare(session, message) if message is not None else None
    if message is None:
        await _require_ended(message_id)
    elif ready is not None:
        await _send(ready)


async def _require_ended(message_id: UUID) -> None:
    async with transaction() as session:
        status = await session.scalar(select(Message.status).where(Message.id == message_id))
    if status == "pending":
        raise RetryLater("another process is sending it")


async def _prepare(session: AsyncSession, message: Message) -> Ready | None:
    """Render a claimed message; None: it isn't to be sent, or not yet."""
    await store.refresh(session)
    row = await _subscription(session, message)
    key = await session.get(PushKey, row.key_id) if row is not None else None
    until = await _useful_until(session, message)
    if row is None or key is None or until is Decision.DROP:
        message.status, message.sending_at = "dropped", None
        return None
    if until is Decision.WAIT:
        message.attempts, message.sending_at = message.attempts - 1, None
        await session.execute(update(Reminder).where(Reminder.id == message.event_id).values(status="waiting"))
        return None
    with use_language(row.language):
        text = push_text(message.template or message.kind)
    urgency = Urgency.HIGH if message.kind == wait_list.OFFER else Urgency.NORMAL
    payload = _payload(message, text, row.language)
    notice = PushNotice(
        message.id, payload, ttl_of(until if isinstance(until, datetime) else None, clock.now()), urgency
    )
    pem = crypto.decrypt(PUSH_KEY_PURPOSE, key.private_key)
    return Ready(message, text, notice, push_subscriptions.target_of(row), private_key_of(pem))


async def _subscription(session: AsyncSession, message: Message) -> PushSubscription | None:
    """The subscription of a message, if it may still be used and is still this person's."""
    live = await push_subscriptions.live_of(session, [message.person_id])
    if message.recipient not in {str(one.id) for one in live}:
        return None
    return await session.get(PushSubscription, UUID(message.recipient))


async def _useful_until(session: AsyncSession, message: Message) -> datetime | Decision | None:
    """Until when a notice is of use: a reminder until the appointment, an offer while it can be answered; None: as
    usual. `DROP`: no longer; `WAIT`: people sleep."""
    if message.kind == reminders.REMINDER:
        found = await reminders.load(session, message.event_id)
        if found is None or not await reminders.may_know(session, message.person_id, found.own):
            return Decision.DROP
        return found.own.start_at if found.decision is Decision.SEND else found.decision
    if message.kind == wait_list.OFFER:
        return await wait_list.open_until(session, message.subject_id) or Decision.DROP
    return None


def _payload(message: Message, text: MessageText, language: str) -> bytes:
    """What the worker in the browser shows: nothing about the person. The page that it opens is the same for everyone,
    behind the sign-in."""
    page = templates()[text.template].opens
    prefix = "" if language == "es" else f"/{language}"
    shown = {"title": text.subject, "url": f"{prefix}{page}", "tag": str(message.id), "lang": language}
    return json.dumps(shown, ensure_ascii=False).encode()


async def _send(ready: Ready) -> None:
    message = ready.message
    try:
        answer = await post(
            await outbound_client(), ready.target, ready.notice, ready.key, messaging_settings().push_sender
        )
    except TargetRefused as error:
        await _end(ready, error.reason.value, ends_subscription=False)
        return
    except OutboundError as error:
        await _later(message, error.reason.value)
        return
    outcome = outcome_of(answer.status)
    if outcome is Outcome.TAKEN:
        service.count_attempt(message, "sent")
        await retry_until_stored(lambda: _note_sent(ready))
    elif outcome is Outcome.LATER:
        wait = wait_of(answer.retry_after, clock.now())
        await _later(message, str(answer.status), wait.total_seconds())
    else:
        await _end(ready, str(answer.status), ends_subscription=outcome is Outcome.ENDED)


async def _note_sent(ready: Ready) -> None:
    await service.mark_sent(ready.message, "sent", ready.text)
    async with transaction() as session:
        mine = update(PushSubscription).where(PushSubscription.id == UUID(ready.message.recipient))
        await session.execute(mine.values(delivered_at=clock.now()))


async def _later(message: Message, reason: str, seconds: float = 0.0) -> None:
    """Try again, not before the push service asked to; after the last attempt the notice has failed."""
    if message.attempts >= service.MAX_ATTEMPTS:
        await _fail(message, reason)
        return
    service.count_attempt(message, "failed")
    log.warning("push_not_sent", message_id=str(message.id), kind=message.kind, attempt=message.attempts, reason=reason)
    await retry_until_stored(lambda: _release(message, reason))
    raise RetryLater(reason, after=seconds)


async def _release(message: Message, reason: str) -> None:
    async with transaction() as session:
        mine = update(Message).where(Message.id == message.id)
        await session.execute(mine.values(last_error=reason, sending_at=None))


async def _end(ready: Ready, reason: str, *, ends_subscription: bool) -> None:
    """The notice failed for good. `ends_subscription`: its browser is known no more."""
    if ends_subscription:
        await retry_until_stored(lambda: _end_subscription(ready.message))
    await _fail(ready.message, reason)


async def _end_subscription(message: Message) -> None:
    async with transaction() as session:
        await push_subscriptions.end_expired(session, UUID(message.recipient))


async def _fail(message: Message, reason: str) -> None:
    service.count_attempt(message, "refused")
    log.warning("push_failed", message_id=str(message.id), kind=message.kind, reason=reason)

    async def note() -> None:
        async with transaction() as session:
            now = clock.now()
            values: dict[str, Any] = {"status": "dropped", "last_error": reason, "sending_at": None}
            values |= {"failed_at": now, "failure_code": reason}
            ended = update(Message).where(Message.id == message.id, Message.status == "pending").values(values)
            if (await session.execute(ended.returning(Message.id))).one_or_none() is None:
                return
            await wait_list.pass_over(session, message)
            failed = MessageFailed(
                subject_id=message.id,
                person_id=message.person_id,
                kind=message.kind,
                by=message.channel,
                code=reason,
            )
            await record(session, service.SYSTEM, failed)

    await retry_until_stored(note)
