"""Use cases of reminders: compose and deliver those of a job, each once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.consumers import Event
from app.kernel.db import transaction
from app.kernel.db_errors import is_database_unavailable
from app.kernel.i18n import use_language
from app.notifications import contacts, preferences, service
from app.notifications.batches import Written, deliver_all
from app.notifications.composers import reminders as composer
from app.notifications.composers.notices import Notice
from app.notifications.composers.reminders import REMINDER, Reminded
from app.notifications.contacts import PUSH
from app.notifications.models import Message, Reminder
from app.notifications.push_copies import Composed
from app.notifications.reminder_rules import Decision, Moment
from app.notifications.templates import store

log = structlog.get_logger(__name__)


async def remind(reminder_ids: Sequence[UUID]) -> None:
    """Compose and deliver these reminders together; one that fails keeps none of the others back.

    Raises:
        DeliveryFailed: some are to be retried. Repeated, it doesn't resend what is known to be sent.
    """
    written, failures = await _compose_all(reminder_ids)
    failures += await deliver_all(written)
    if failures:
        raise next((one for one in failures if not isinstance(one, service.DeliveryFailed)), failures[0])


async def _compose_all(reminder_ids: Sequence[UUID]) -> tuple[list[Written], list[Exception]]:
    """Compose reminders in one transaction; if one of them fails, each in its own. Returns what is to be delivered, and
    what failed."""
    try:
        async with transaction() as session:
            return await _compose(session, reminder_ids), []
    except Exception as error:
        if is_database_unavailable(error) or len(reminder_ids) == 1:
            return [], [error]
        log.warning("batch_not_composed", reminders=len(reminder_ids), error=type(error).__name__, exc_info=error)
    alone = [await _compose_all([one]) for one in reminder_ids]
    return [one for written, _failures in alone for one in written], [one for _written, some in alone for one in some]


async def _compose(session: AsyncSession, reminder_ids: Sequence[UUID]) -> list[Written]:
    """Return the messages of reminders that are to be delivered; composes those that aren't yet."""
    await composer.preload(session, reminder_ids)
    await store.refresh(session)
    asked = []
    for reminder_id in reminder_ids:
        found = await composer.load(session, reminder_id)
        if found is None or found.reminder.status == "dropped":
            continue
        if found.decision is Decision.DROP:
            await drop(session, found.reminder)
        elif found.decision is Decision.WAIT:
            found.reminder.status = "waiting"
        else:
            asked.append(found)
    composed = [(one, await _notices(session, one)) for one in asked if one.reminder.status != "composed"]
    await service.add_notices(
        session,
        [Composed(one.reminder.id, REMINDER, one.own.id, notice) for one, notices in composed for notice in notices],
    )
    for one, notices in composed:
        one.reminder.status = "composed" if notices else "dropped"
    wanted = select(Message).where(
        Message.event_id.in_([one.reminder.id for one in asked]), Message.status == "pending"
    )
    pending = (await session.scalars(wanted.order_by(Message.id))).all()
    await service.enqueue_messages(session, [one for one in pending if one.channel == PUSH])
    return [Written(one.id, one.event_id, one.person_id, one.channel) for one in pending if one.channel != PUSH]


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
