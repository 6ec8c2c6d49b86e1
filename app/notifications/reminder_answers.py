"""The links of reminders: what each is about, and as whom its holder acts without signing in.

A link does one thing, then shows what it did. It expires with the appointment, once that moves or is cancelled
otherwise, and with the contact that it was sent to.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.queries.own import OwnAppointment
from app.kernel import clock
from app.kernel.actor import Anonymous, Citizen
from app.kernel.problems import Gone, NotFound
from app.notifications import contacts
from app.notifications.composers import reminders as composer
from app.notifications.contacts import SMS
from app.notifications.models import Message, Reminder
from app.notifications.reminder_rules import Change, change_since
from app.notifications.reminder_tokens import Purpose


class Answer(StrEnum):
    """What was done by a link."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"


ANSWERS = {Purpose.CONFIRM: Answer.CONFIRMED, Purpose.MOVE: Answer.MOVED, Purpose.CANCEL: Answer.CANCELLED}


@dataclass(frozen=True, slots=True)
class Link:
    """A link, and the appointment as it is.

    `purpose`: what it is for; of a text message's, which may do any of three things, `way` is the one that is asked
    for. `done`: what this link did, as long as the appointment is as it left it. `change`: what else happened to it.
    """

    purpose: Purpose
    way: Purpose
    message: Message
    reminder: Reminder
    own: OwnAppointment
    done: Answer | None
    change: Change | None

    @property
    def is_over(self) -> bool:
        """Whether it does nothing any more, because of something else than what it did."""
        return self.done is None and self.change is not None

    @property
    def facts(self) -> list[object]:
        """What the page shows."""
        return [self.way.name, self.own.folio, self.own.version]

    @property
    def can_change(self) -> bool:
        """Whether the appointment can still be cancelled."""
        return composer.is_changeable(self.own)

    @property
    def can_move(self) -> bool:
        """Whether it can still be moved."""
        return self.can_change and not self.own.is_left_behind


async def read_link(session: AsyncSession, purpose: Purpose, message_id: UUID, way: Purpose | None = None) -> Link:
    """Return what a link is about; its reminder is locked. `way`: what a text message's link is asked to do.

    Raises:
        NotFound: its message was deleted.
        Gone: who it was sent to may no longer know of the appointment at that contact, or an account is frozen.
    """
    message = await session.get(Message, message_id)
    found = await composer.load(session, message.event_id) if message is not None else None
    if message is None or found is None or (purpose is Purpose.ANSWER and message.channel != SMS):
        raise NotFound
    own, reminder = found.own, found.reminder
    is_frozen = await contacts.is_frozen(session, message.person_id, own.person_id)
    if is_frozen or not await composer.is_recipient(session, message, own):
        raise Gone
    change = change_since(
        reminder.start_at,
        start_at=own.start_at,
        now=clock.now(),
        is_booked=own.status == rules.Status.BOOKED,
        is_cancelled=own.status == rules.Status.CANCELLED,
        is_affected=own.affected is not None,
    )
    way = (way or purpose) if purpose is Purpose.ANSWER else purpose
    done = _done(message, reminder, own, way, change)
    if done is None and change is None and way is Purpose.CONFIRM and found.confirmed_start_at == reminder.start_at:
        done = Answer.CONFIRMED
    return Link(purpose, way, message, reminder, own, done, change)


def _done(
    message: Message, reminder: Reminder, own: OwnAppointment, way: Purpose, change: Change | None
) -> Answer | None:
    """What this link moved or cancelled, until something else happens to the appointment."""
    done = Answer(reminder.answer) if reminder.answer else None
    is_its_own = reminder.answered_by == message.id and way in (Purpose.ANSWER, *_ways_of(done))
    stands = own.version == reminder.answered_version and own.affected is None
    expected = {Answer.MOVED: Change.MOVED, Answer.CANCELLED: Change.CANCELLED}
    return done if is_its_own and stands and done in expected and change is expected[done] else None


def _ways_of(done: Answer | None) -> list[Purpose]:
    return [way for way, answer in ANSWERS.items() if answer is done]


def actor_of(link: Link, anonymous: Anonymous) -> Citizen:
    """As whom a link acts."""
    return composer.as_citizen(link.message.person_id, link.own, anonymous.device)


def record_answer(link: Link, *, version: int, moved_to: datetime | None = None) -> None:
    """Record what was done by a link, in the transaction in which it was done: the version of the appointment that it
    left, and the time that it was moved to."""
    done = link.reminder
    done.answer, done.answered_at, done.answered_by = ANSWERS[link.way], clock.now(), link.message.id
    done.answered_version, done.moved_to = version, moved_to
