"""Contacts that refuse messages: counted in a row, shown to the person and to staff, and still written to."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import case, delete, exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, crypto
from app.notifications.contacts import Recipient, known_contacts
from app.notifications.models import ContactFailure, Message
from app.notifications.reminder_rules import UNRELIABLE_AFTER

DIGEST = "contact"
DISPROVED_AFTER = timedelta(days=3)


async def note_failure(session: AsyncSession, message: Message, *, is_reported: bool = False) -> None:
    """Count a message that its contact refused for good; a new contact begins at one. `is_reported`: after it had been
    sent."""
    digest, now = crypto.hmac_digest(DIGEST, message.recipient), clock.now()
    first = insert(ContactFailure).values(
        person_id=message.person_id,
        channel=message.channel,
        digest=digest,
        failures=1,
        failed_at=now,
        is_reported=is_reported,
    )
    again = case((ContactFailure.digest == digest, ContactFailure.failures + 1), else_=1)
    counted = first.on_conflict_do_update(
        index_elements=["person_id", "channel"],
        set_={"digest": digest, "failures": again, "failed_at": now, "is_reported": is_reported},
    )
    await session.execute(counted)


async def note_success(session: AsyncSession, message: Message, *, is_proved: bool = False) -> None:
    """Forget the failures of a contact that took a message. A server that takes it proves nothing of a contact whose
    failures were reported afterwards; a report that it arrived does (`is_proved`), and time (`forget_disproved`)."""
    mine = [ContactFailure.person_id == message.person_id, ContactFailure.channel == message.channel]
    if not is_proved:
        mine.append(ContactFailure.is_reported.is_(False))
    await session.execute(delete(ContactFailure).where(*mine))


async def note_successes(session: AsyncSession, messages: Sequence[Message]) -> None:
    """As `note_success`, for many messages; few contacts have failed before."""
    contacts = {(one.person_id, one.channel): one for one in messages}
    column = tuple_(ContactFailure.person_id, ContactFailure.channel)
    for person_id, channel in await session.execute(
        select(ContactFailure.person_id, ContactFailure.channel).where(column.in_(contacts))
    ):
        await note_success(session, contacts[person_id, channel])


async def forget_disproved(session: AsyncSession) -> None:
    """Forget reported failures of contacts that were sent a message since, of which no failure came within three
    days."""
    now = clock.now()
    later = (
        Message.person_id == ContactFailure.person_id,
        Message.channel == ContactFailure.channel,
        Message.sent_at > ContactFailure.failed_at,
        Message.sent_at < now - DISPROVED_AFTER,
        Message.failed_at.is_(None),
    )
    disproved = delete(ContactFailure).where(ContactFailure.is_reported, exists().where(*later))
    await session.execute(disproved)


async def unreliable_contacts(session: AsyncSession, person_id: UUID) -> list[Recipient]:
    """Return the contacts of a person, of those that they have now, that refused the last messages."""
    wanted = select(ContactFailure).where(
        ContactFailure.person_id == person_id, ContactFailure.failures >= UNRELIABLE_AFTER
    )
    failing = {row.channel: row.digest for row in await session.scalars(wanted)}
    if not failing:
        return []
    known = [one.recipient for one in await known_contacts(session, person_id, with_former=False)]
    return [
        one
        for one in known
        if one.channel in failing and crypto.verify_hmac_digest(DIGEST, one.address, failing[one.channel])
    ]
