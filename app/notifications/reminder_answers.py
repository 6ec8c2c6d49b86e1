"""The links of reminders: what each is about, and as whom its holder acts without signing in.

A link does one thing. It expires with the appointment, and once that moves or is cancelled.
"""

from dataclasses import dataclass
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
from app.notifications.models import Message, Reminder
from app.notifications.reminder_tokens import Purpose


class Answer(StrEnum):
    """What was done by a link."""

    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"


ANSWERS = {Purpose.CONFIRM: Answer.CONFIRMED, Purpose.MOVE: Answer.MOVED, Purpose.CANCEL: Answer.CANCELLED}


@dataclass(frozen=True, slots=True)
class Link:
    """A link: what it is for, the appointment as it is, and what was done already.

    `done`: this link's purpose, or that the appointment was moved or cancelled by another of the reminder's. `is_over`:
    it does nothing any more.
    """

    purpose: Purpose
    message: Message
    reminder: Reminder
    own: OwnAppointment
    done: Answer | None
    is_over: bool

    @property
    def facts(self) -> list[object]:
        """What the page shows."""
        return [self.purpose.name, self.own.folio, self.own.version]

    @property
    def can_change(self) -> bool:
        """Whether the appointment can still be cancelled."""
        return composer.is_changeable(self.own)

    @property
    def can_move(self) -> bool:
        """Whether it can still be moved."""
        return self.can_change and not self.own.is_left_behind


async def read_link(session: AsyncSession, purpose: Purpose, message_id: UUID) -> Link:
    """Return what a link is about; its reminder is locked.

    Raises:
        NotFound: its message was deleted.
        Gone: who it was sent to may no longer know of the appointment at that contact, or an account is frozen.
    """
    message = await session.get(Message, message_id)
    found = await composer.load(session, message.event_id) if message is not None else None
    if message is None or found is None:
        raise NotFound
    own, reminder = found.own, found.reminder
    is_frozen = await contacts.is_frozen(session, message.person_id, own.person_id)
    if is_frozen or not await composer.is_recipient(session, message, own):
        raise Gone
    stands = own.status == rules.Status.BOOKED and own.start_at == reminder.start_at
    confirmed = found.confirmed_start_at
    done = Answer(reminder.answer) if reminder.answer in (Answer.MOVED, Answer.CANCELLED) else None
    if purpose is Purpose.CONFIRM and done is None and confirmed == reminder.start_at and stands:
        done = Answer.CONFIRMED
    is_over = done is None and (not stands or own.affected is not None or own.start_at <= clock.now())
    return Link(purpose, message, reminder, own, done, is_over)


def actor_of(link: Link, anonymous: Anonymous) -> Citizen:
    """As whom a link acts."""
    return composer.as_citizen(link.message.person_id, link.own, anonymous.device)


def record_answer(link: Link) -> None:
    """Record what was done by a link, in the transaction in which it was done."""
    link.reminder.answer, link.reminder.answered_at = ANSWERS[link.purpose], clock.now()
