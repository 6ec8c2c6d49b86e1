"""Use cases of reminders: compose and deliver those of a job, each once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.consumers import Event
from app.kernel.db import transaction
from app.kernel.i18n import use_language
from app.notifications import contacts, preferences, service
from app.notifications.composers import reminders as composer
from app.notifications.composers.notices import Notice
from app.notifications.composers.reminders import REMINDER, Reminded
from app.notifications.models import Message, Reminder
from app.notifications.reminder_rules import Decision, Moment
from app.notifications.templates import store


async def remind(reminder_ids: Sequence[UUID]) -> None:
    """Compose and deliver these reminders, one after another; one that fails keeps none of the others back.

    Raises:
        DeliveryFailed: some are to be retried. Repeated, it doesn't resend what is known to be sent.
    """
    failed: service.DeliveryFailed | None = None
    for reminder_id in reminder_ids:
        async with transaction() as session:
            pending = await _compose(session, reminder_id)
        for message_id in pending:
            try:
                await service.deliver(message_id)
            except service.DeliveryFailed as error:
                failed = error
    if failed is not None:
        raise failed


async def _compose(session: AsyncSession, reminder_id: UUID) -> list[UUID]:
    """Return the messages of a reminder that are to be delivered; composes them if there are none yet."""
    found = await composer.load(session, reminder_id)
    if found is None or found.reminder.status == "dropped":
        return []
    if found.decision is Decision.DROP:
        await drop(session, found.reminder)
        return []
    if found.decision is Decision.WAIT:
        found.reminder.status = "waiting"
        return []
    if found.reminder.status != "composed":
        await store.refresh(session)
        notices = await _notices(session, found)
        await service.add_notices(session, REMINDER, found.reminder.id, found.own.id, notices)
        found.reminder.status = "composed" if notices else "dropped"
    wanted = select(Message.id).where(Message.event_id == reminder_id, Message.status == "pending")
    return list((await session.scalars(wanted.order_by(Message.id))).all())


async def drop(session: AsyncSession, reminder: Reminder) -> None:
    """Drop a reminder, and its messages that weren't handed over yet."""
    reminder.status = "dropped"
    waiting = (Message.event_id == reminder.id, Message.status == "pending", Message.sending_at.is_(None))
    await session.execute(update(Message).where(*waiting).values(status="dropped"))


async def _notices(session: AsyncSession, found: Reminded) -> list[Notice]:
    """Return a notice for each recipient who wants a reminder at this moment, by their channel, without its text."""
    own, moment = found.own, Moment(found.reminder.moment)
    about = _event_like(found)
    notices = []
    booker = found.booked_by
    if booker is not None and not await composer.may_know(session, booker, own):
        booker = None
    for recipient in await contacts.find_recipients(session, own.person_id, booker, about):
        wanted = await preferences.preferences_of(session, recipient.person_id)
        if moment not in wanted.moments:
            continue
        reader = await contacts.by_channel(session, recipient, wanted.channel)
        with use_language(reader.language):
            notices.append(Notice(reader, composer.subject_of(own)))
    return notices


def _event_like(found: Reminded) -> Event:
    """The appointment as its event would be, for what looks for recipients."""
    own = found.own
    return Event(
        position=0,
        id=found.reminder.id,
        at=clock.now(),
        type=REMINDER,
        subject_id=own.id,
        person_id=own.person_id,
        unit_id=own.unit_id,
        actor_kind="system",
        actor_id=None,
        channel="job",
        service=own.service,
        service_version=None,
        seconds=None,
        device=None,
        payload={"folio": own.folio},
    )


async def delete_before(session: AsyncSession, before: datetime) -> None:
    """Delete old reminders: their appointments are long over."""
    await session.execute(delete(Reminder).where(Reminder.created_at < before))
