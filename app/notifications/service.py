"""Use cases of messages: write one for an event, deliver it, retry or dismiss a parked one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.access import require_role
from app.identity.service.sending import wipe_code
from app.kernel import clock, ids
from app.kernel.actor import Staff, System
from app.kernel.consumers import Event
from app.kernel.db import transaction
from app.kernel.facts import record
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
from app.kernel.problems import NotFound
from app.kernel.terms import MailTerms, mail_terms
from app.notifications.events import MessageDismissed, MessageParked, MessageRetried, MessageSent
from app.notifications.models import Message
from app.notifications.queries import READERS
from app.notifications.sources import EMAIL
from app.notifications.transport import Refused, mail_of, send_mail, send_sms
from app.notifications.writing import WRITERS, codes
from app.notifications.writing.notices import Notice, Written

MAX_TRIES = 6
POSTMAN = System("notifications")


async def write_for(session: AsyncSession, event: Event) -> list[UUID]:
    """Write the messages of an event; returns those that weren't there yet."""
    notices = await WRITERS[event.type](session, event)
    kept = [await _keep(session, event, notice) for notice in notices]
    return [message_id for message_id in kept if message_id is not None]


async def _keep(session: AsyncSession, event: Event, notice: Notice) -> UUID | None:
    values = {
        "id": ids.new_id(),
        "event_id": event.id,
        "kind": event.type,
        "subject_id": event.subject_id,
        "person_id": notice.recipient.person_id,
        "channel": notice.recipient.channel,
        "recipient": notice.recipient.address,
        "language": notice.recipient.language,
        "subject": notice.subject,
        "body": notice.body,
        "link": notice.link,
        "calendar": notice.calendar,
        "created_at": clock.now(),
    }
    statement = insert(Message).values(values).on_conflict_do_nothing().returning(Message.id)
    new: UUID | None = await session.scalar(statement)
    return new


class NotDelivered(Exception):  # noqa: N818 # a state of the message, not a fault of ours
    """It didn't go this time; the job is to be tried again."""


async def deliver(message_id: UUID) -> None:
    """Send a message, once: what was sent, parked or dismissed already is left alone.

    Raises:
        NotDelivered: it may go later. After the last try, or when refused for good, it is parked instead.
    """
    terms = mail_terms()
    async with transaction() as session:
        message = await session.get(Message, message_id)
        if message is None or message.status != "pending":
            return
        said = await _words_of(session, message)
        message.tries += 1
    if said is None:
        await _park(message, N_("El código venció o se usó antes de poder enviarse."))
        return
    try:
        how = await _send(terms, message, said)
    except Refused as refusal:
        await _park(message, str(refusal))
    except Exception as error:  # noqa: BLE001 # whatever the way out raises is retried, then parked: nothing is lost
        await _not_this_time(message, error)
    else:
        await _settle(message, how, said)


async def _words_of(session: AsyncSession, message: Message) -> Written | None:
    if message.body is not None:
        return Written(message.subject, message.body, message.link)
    return await codes.words_of(session, message)


async def _send(terms: MailTerms, message: Message, said: Written) -> str:
    configured = terms.smtp_host if message.channel == EMAIL else terms.sms_url
    if configured is None and terms.is_production:
        raise Refused(_(N_("No hay servidor de correo ni pasarela de mensajes configurados.")))
    if configured is None:
        return "shown"
    if message.channel == EMAIL:
        mail = mail_of(message, said.body, terms.mail_from)
        del mail["Subject"]
        mail["Subject"] = said.subject
        await send_mail(terms, mail)
    else:
        await send_sms(terms, message, said.body)
    return "sent"


async def _settle(message: Message, status: str, said: Written) -> None:
    async with transaction() as session:
        values = {"status": status, "sent_at": clock.now(), "last_error": None}
        if status == "shown":
            values |= {"subject": said.subject, "body": said.body, "link": said.link}
        kept = update(Message).where(Message.id == message.id, Message.status == "pending").values(values)
        await session.execute(kept)
        if message.kind == codes.CODE:
            await wipe_code(session, message.subject_id)
        sent = MessageSent(subject_id=message.id, person_id=message.person_id, kind=message.kind, by=message.channel)
        await record(session, POSTMAN, sent)


async def _not_this_time(message: Message, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"[:500]
    if message.tries >= MAX_TRIES:
        await _park(message, reason)
        return
    async with transaction() as session:
        await session.execute(update(Message).where(Message.id == message.id).values(last_error=reason))
    raise NotDelivered(reason) from error


async def _park(message: Message, reason: str) -> None:
    async with transaction() as session:
        values = {"status": "parked", "last_error": reason[:500]}
        await session.execute(update(Message).where(Message.id == message.id).values(values))
        parked = MessageParked(
            subject_id=message.id, person_id=message.person_id, kind=message.kind, by=message.channel
        )
        await record(session, POSTMAN, parked)


async def _parked_message(session: AsyncSession, actor: Staff, message_id: UUID) -> Message:
    require_role(actor, READERS)
    found: Message | None = await session.scalar(
        select(Message).where(Message.id == message_id, Message.status == "parked").with_for_update()
    )
    if found is None:
        raise NotFound
    return found


async def retry(session: AsyncSession, actor: Staff, message_id: UUID) -> None:
    """Back into the queue with a fresh set of tries; the consumer of this fact makes the job.

    Raises:
        WrongRole: the actor's role doesn't look after messages.
        NotFound: it isn't parked.
    """
    message = await _parked_message(session, actor, message_id)
    message.status, message.tries = "pending", 0
    await record(session, actor, MessageRetried(subject_id=message.id, person_id=message.person_id))


async def dismiss(session: AsyncSession, actor: Staff, message_id: UUID) -> None:
    """The person was told in another way: nothing more to send.

    Raises:
        WrongRole: the actor's role doesn't look after messages.
        NotFound: it isn't parked.
    """
    message = await _parked_message(session, actor, message_id)
    message.status = "dismissed"
    await record(session, actor, MessageDismissed(subject_id=message.id, person_id=message.person_id))


async def forget_before(session: AsyncSession, before: datetime) -> None:
    """Delete messages that ended well: contact and text aren't kept longer than needed."""
    ended = Message.status.in_(("sent", "shown", "dismissed"))
    await session.execute(delete(Message).where(ended, Message.created_at < before))
