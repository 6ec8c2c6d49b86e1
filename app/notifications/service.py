"""Use cases of messages: compose for an event, deliver, retry or resolve dead letters. Groups are in
`dead_letter_groups`, notices to people without a contact in `unaddressed`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.identity.service.code_delivery import wipe_code
from app.kernel import clock, ids, metrics
from app.kernel.actor import Staff, System
from app.kernel.consumers import Event
from app.kernel.db import reading, retry_until_stored, transaction
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
from app.kernel.jobs import Lane, NewJob, RetryLater, enqueue_many
from app.kernel.problems import NotFound
from app.notifications import contacts, push_copies, reliability, unaddressed
from app.notifications.composers import COMPOSERS, codes, wait_list
from app.notifications.composers.notices import MessageText, Notice, UnaddressedDraft
from app.notifications.composers.reminders import REMINDER
from app.notifications.contacts import EMAIL, PUSH, SMS
from app.notifications.events import MessageDeadLettered, MessageResolved, MessageRetried, MessageSent
from app.notifications.message_texts import text_of
from app.notifications.models import Message
from app.notifications.problems import CodeNotRetried
from app.notifications.push_copies import Composed
from app.notifications.return_paths import return_path
from app.notifications.rules import TEST
from app.notifications.settings import MessagingSettings, messaging_settings
from app.notifications.templates import store
from app.notifications.transport import (
    CONTACT_ERRORS,
    NotConfigured,
    Refused,
    Uncertain,
    mail_of,
    send_mail,
    send_sms,
)

log = structlog.get_logger(__name__)

SEND, SEND_PUSH = "notifications.send", "notifications.push"
MAX_ATTEMPTS = 6
CLAIM_TIMEOUT = timedelta(minutes=3)
"""Longer than any attempt: older claims belong to processes that died."""
EXPIRED = N_("El código venció o se usó antes de poder enviarse.")
MAY_HAVE_LEFT = N_("No se sabe si el código salió, y no se envía dos veces: la persona puede pedir otro.")
SYSTEM = System("notifications")
Store = Callable[[Message, str, MessageText], Awaitable[None]]
LANES_BY_KIND = {
    (True, EMAIL): Lane.CODES_EMAIL,
    (True, SMS): Lane.CODES_SMS,
    (False, EMAIL): Lane.MESSAGES_EMAIL,
    (False, SMS): Lane.MESSAGES_SMS,
    (False, PUSH): Lane.MESSAGES_PUSH,
}


async def compose_messages(session: AsyncSession, events: Sequence[Event]) -> list[Message]:
    """Compose the messages and notices of some events; returns the new messages."""
    preloaded = await contacts.preload(session, events)
    await store.refresh(session)
    written = [(event, notice) for event in events for notice in await COMPOSERS[event.type](session, event)]
    del preloaded  # the session's identity map is weak: hold a reference
    composed = [
        Composed(event.id, event.type, event.subject_id, notice)
        for event, notice in written
        if isinstance(notice, Notice)
    ]
    now, drafts = clock.now(), [notice for _event, notice in written if isinstance(notice, UnaddressedDraft)]
    await unaddressed.add(session, drafts, now)
    await unaddressed.supersede(session, unaddressed.whom_it_is_for(events, written), now)
    await unaddressed.take_back(session, drafts, now)
    return await add_notices(session, composed)


async def compose_code(challenge_id: UUID, event_id: UUID) -> UUID | None:
    """Compose the message of a one-time code; returns its id, also if it existed. None: the code belongs to no one."""
    async with transaction() as session:
        await store.refresh(session)
        for notice in await codes.compose(session, challenge_id):
            await _add(session, [Composed(event_id, codes.CODE, challenge_id, notice)])
        written = select(Message.id).where(Message.event_id == event_id)
        message_id: UUID | None = await session.scalar(written)
        return message_id


async def add_notices(session: AsyncSession, composed: Sequence[Composed]) -> list[Message]:
    """Store messages, and those for the browsers of their recipients; those stored already stay."""
    return await _add(session, [*composed, *await push_copies.copies_of(session, composed)])


async def _add(session: AsyncSession, composed: Sequence[Composed]) -> list[Message]:
    if not composed:
        return []
    rows = [_row(one, one.notice) for one in composed]
    added = await session.scalars(insert(Message).on_conflict_do_nothing().returning(Message), rows)
    return list(added.all())


def _row(one: Composed, notice: Notice) -> dict[str, Any]:
    return {
        "id": ids.new_id(),
        "event_id": one.cause,
        "kind": one.kind,
        "subject_id": one.subject_id,
        "person_id": notice.recipient.person_id,
        "channel": notice.recipient.channel,
        "recipient": notice.recipient.address,
        "language": notice.recipient.language,
        "subject": notice.subject,
        "body": notice.body,
        "link": notice.link,
        "calendar": notice.calendar,
        "created_at": clock.now(),
        "template": notice.text.template if notice.text else None,
        "template_version": notice.text.version if notice.text else None,
        "data": dict(notice.text.data) if notice.text and notice.text.data is not None else None,
    }


async def enqueue_messages(session: AsyncSession, messages: Sequence[Message]) -> None:
    """Enqueue deliveries in the caller's transaction, each in the lane of its kind and channel."""
    for task in (SEND, SEND_PUSH):
        asked = [
            NewJob(LANES_BY_KIND[one.kind == codes.CODE, one.channel], f"message:{one.id}", {"message_id": str(one.id)})
            for one in messages
            if (one.channel == PUSH) == (task == SEND_PUSH)
        ]
        await enqueue_many(session, task, asked)


async def enqueue_message(session: AsyncSession, message: Message) -> None:
    """Enqueue one delivery."""
    await enqueue_messages(session, [message])


class DeliveryFailed(RetryLater):
    """Delivery failed for now; the job will be retried."""


async def deliver(message_id: UUID) -> None:
    """Send a message once. Messages sent, dead-lettered or resolved already are skipped.

    A process claims the message before handing it over, so that no two send it. If it dies in between, the claim
    remains: a code isn't sent again, since it may have left, nor is a reminder by mail to a server that doesn't drop
    duplicates; other messages are, with the same id.

    Raises:
        DeliveryFailed: to be retried. After the last attempt or a permanent failure the message is dead-lettered
        instead.
    """
    settings = messaging_settings()
    async with transaction() as session:
        message = next(iter(await claim(session, [message_id])), None)
        content = await text_of(session, message) if message is not None else None
        if message is not None and content is None and message.kind in (REMINDER, wait_list.OFFER):
            return
    if message is None:
        await _handle_unclaimed(message_id)
    elif content is None:
        await _dead_letter(message, "expired", EXPIRED)
    else:
        await attempt(settings, message, content)


async def claim(session: AsyncSession, message_ids: Sequence[UUID]) -> list[Message]:
    """Claim messages for this process and return them. Claims of dead processes expire, but for what is sent once."""
    now = clock.now()
    is_repeatable = and_(Message.kind != codes.CODE, or_(Message.kind != REMINDER, Message.channel != EMAIL))
    if messaging_settings().smtp_deduplicates:
        is_repeatable = Message.kind != codes.CODE
    lapsed = and_(is_repeatable, Message.sending_at < now - CLAIM_TIMEOUT)
    claimed = (
        update(Message)
        .where(Message.id.in_(message_ids), Message.status == "pending", or_(Message.sending_at.is_(None), lapsed))
        .values(attempts=Message.attempts + 1, sending_at=now)
        .returning(Message)
    )
    return list((await session.scalars(claimed)).all())


async def _handle_unclaimed(message_id: UUID) -> None:
    """Handle a message that was sent already, or is claimed by a process that is running or died."""
    async with reading() as session:
        message = await session.get(Message, message_id)
    if message is None or message.status != "pending":
        return
    if message.sending_at is not None and message.sending_at >= clock.now() - CLAIM_TIMEOUT:
        raise DeliveryFailed("another process is sending it")
    await _end_uncertain(message, MAY_HAVE_LEFT)


def _is_sent_once(message: Message) -> bool:
    """Whether the message isn't sent again when it may have left: codes, and reminders where the mail server doesn't
    drop a second mail of the same Message-ID. The gateway for text messages must (`transport.send_sms`)."""
    if message.kind == codes.CODE:
        return True
    is_dropped_twice = message.channel == SMS or messaging_settings().smtp_deduplicates
    return message.kind == REMINDER and not is_dropped_twice


async def _end_uncertain(message: Message, reason: str) -> None:
    """End a message that may have left and isn't sent again. A reminder needs no one's attention."""
    if message.kind != REMINDER:
        await _dead_letter(message, "uncertain", reason)
        return
    count_attempt(message, "uncertain")

    async def note() -> None:
        async with transaction() as session:
            values = {"status": "uncertain", "last_error": reason[:500], "sending_at": None}
            await session.execute(update(Message).where(Message.id == message.id).values(values))

    await retry_until_stored(note)


async def attempt(
    settings: MessagingSettings, message: Message, content: MessageText, store: Store | None = None
) -> None:
    """Hand a claimed message over, and store what became of it; `store`: that it was sent."""
    try:
        how = await _send(settings, message, content)
    except Refused as refusal:
        _log_failure(message, "refused", refusal)
        await _dead_letter(message, "refused", str(refusal), is_contact=not isinstance(refusal, NotConfigured))
    except Uncertain as error:
        _log_failure(message, "uncertain", error)
        if _is_sent_once(message):
            await _end_uncertain(message, MAY_HAVE_LEFT)
        else:
            await _fail_attempt(message, error)
    except Exception as error:  # noqa: BLE001 # any error of a transport is retried, then dead-lettered: nothing is lost
        _log_failure(message, "failed", error)
        await _fail_attempt(message, error)
    else:
        count_attempt(message, how)
        write = store or mark_sent
        await retry_until_stored(lambda: write(message, how, content))


def _log_failure(message: Message, result: str, error: Exception) -> None:
    """Log a failed attempt. The server's text may name the person, so only its code is logged."""
    cause = error.__cause__ if isinstance(error, Uncertain | Refused) and error.__cause__ else error
    log.warning(
        "message_not_sent",
        message_id=str(message.id),
        kind=message.kind,
        channel=message.channel,
        attempt=message.attempts,
        result=result,
        error=type(cause).__name__,
        reply=getattr(error, "reply", None) or getattr(cause, "code", None),
    )


def count_attempt(message: Message, result: str) -> None:
    """Count an attempt in the metrics."""
    kind = "code" if message.kind == codes.CODE else "message"
    metrics.MESSAGE_ATTEMPTS.labels(message.channel, kind, result).inc()


async def _send(settings: MessagingSettings, message: Message, content: MessageText) -> str:
    configured = settings.smtp_host if message.channel == EMAIL else settings.sms_url
    if configured is None and settings.is_production:
        raise NotConfigured(_(N_("No hay servidor de correo ni pasarela de mensajes configurados.")))
    if configured is None:
        return "shown"
    if message.channel == EMAIL:
        sender = return_path(settings.bounce_address, message.id) if settings.bounce_address else None
        await send_mail(settings, mail_of(message, content, settings.mail_from), sender)
    else:
        await send_sms(settings, message, content.body)
    return "sent"


async def mark_sent(message: Message, status: str, content: MessageText) -> None:
    """Store that a message was sent."""
    async with transaction() as session:
        values = {"status": status, "sent_at": clock.now(), "last_error": None, "sending_at": None}
        values |= {"template": content.template, "template_version": content.version}
        if status == "shown":
            values |= {"subject": content.subject, "body": content.body, "link": content.link}
        elif message.body is not None:
            values |= {"subject": content.subject, "body": content.body}
        stored = (
            update(Message)
            .where(Message.id == message.id, Message.status.in_(("pending", "dead-letter")))
            .values(values)
        )
        await session.execute(stored)
        if message.kind == codes.CODE:
            await wipe_code(session, message.subject_id)
        if status == "sent":
            await reliability.note_success(session, message)
        sent = MessageSent(subject_id=message.id, person_id=message.citizen_id, kind=message.kind, by=message.channel)
        await record(session, SYSTEM, sent)


async def _fail_attempt(message: Message, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"[:500]
    if message.attempts >= MAX_ATTEMPTS:
        await _dead_letter(message, "failed", reason, is_contact=isinstance(error, CONTACT_ERRORS))
        return
    count_attempt(message, "failed")

    async def note() -> None:
        async with transaction() as session:
            values = {"last_error": reason, "sending_at": None}
            await session.execute(update(Message).where(Message.id == message.id).values(values))

    await retry_until_stored(note)
    raise DeliveryFailed(reason) from error


async def _dead_letter(message: Message, result: str, reason: str, *, is_contact: bool = False) -> None:
    """Move the message to the dead letters. `is_contact`: its contact refused it, not our own server."""
    log.error(
        "message_dead_lettered", message_id=str(message.id), kind=message.kind, channel=message.channel, result=result
    )
    count_attempt(message, result)

    async def note() -> None:
        async with transaction() as session:
            values = {"status": "dead-letter", "last_error": reason[:500], "sending_at": None}
            if message.kind == TEST:  # who sent it sees it beside the text
                dropped = update(Message).where(Message.id == message.id)
                await session.execute(dropped.values(values | {"status": "dropped"}))
                return
            await session.execute(update(Message).where(Message.id == message.id).values(values))
            if message.kind == codes.CODE:
                await wipe_code(session, message.subject_id)
            if is_contact and message.citizen_id is not None:
                await reliability.note_failure(session, message)
            await wait_list.pass_over(session, message)
            failed = MessageDeadLettered(
                subject_id=message.id, person_id=message.citizen_id, kind=message.kind, by=message.channel
            )
            await record(session, SYSTEM, failed)

    await retry_until_stored(note)


async def _lock_dead_letter(session: AsyncSession, actor: Staff, message_id: UUID) -> Message:
    require(actor, Action.READ_MESSAGES)
    found: Message | None = await session.scalar(
        select(Message).where(Message.id == message_id, Message.status == "dead-letter").with_for_update()
    )
    if found is None:
        raise NotFound
    return found


async def retry_message(session: AsyncSession, actor: Staff, message_id: UUID) -> None:
    """Requeue the message with its attempts reset.

    Raises:
        WrongRole: the actor's role doesn't manage messages.
        NotFound: it isn't a dead letter.
        CodeNotRetried: it was a sign-in code.
    """
    message = await _lock_dead_letter(session, actor, message_id)
    if message.kind == codes.CODE:
        raise CodeNotRetried
    message.status, message.attempts, message.sending_at = "pending", 0, None
    await session.flush()
    await enqueue_message(session, message)
    await record(session, actor, MessageRetried(subject_id=message.id, person_id=message.citizen_id))


async def resolve_message(session: AsyncSession, actor: Staff, message_id: UUID) -> None:
    """Mark the message resolved: the person was notified otherwise.

    Raises:
        WrongRole: the actor's role doesn't manage messages.
        NotFound: it isn't a dead letter.
    """
    message = await _lock_dead_letter(session, actor, message_id)
    message.status = "resolved"
    await record(session, actor, MessageResolved(subject_id=message.id, person_id=message.citizen_id))


async def delete_before(session: AsyncSession, before: datetime) -> None:
    """Delete delivered messages: contact and text aren't retained longer than needed."""
    ended = Message.status.in_(("sent", "shown", "resolved", "dropped", "uncertain"))
    await session.execute(delete(Message).where(ended, Message.created_at < before))
