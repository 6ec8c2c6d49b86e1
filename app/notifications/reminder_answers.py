"""What the links of reminders do, without signing in: who holds one acts as the person it was sent to.

A link does one thing. It expires with the appointment, and once that moves or is cancelled.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.models import Appointment
from app.appointments.queries.own import OwnAppointment
from app.appointments.service import confirmation, reschedule
from app.appointments.service.reschedule import NewTime
from app.kernel import clock
from app.kernel.actor import Anonymous, Assurance, Channel, Citizen
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import NotFound
from app.notifications.composers import reminders as composer
from app.notifications.models import Message, Reminder
from app.notifications.reminder_tokens import Purpose, parse_link

CANCEL_REASON = "cannot-attend"
"""Why an appointment is cancelled by a link: the person is asked nothing."""


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


async def read_link(session: AsyncSession, token: str) -> Link:
    """Return what a link is about; its reminder is locked.

    Raises:
        NotFound: it isn't ours, was changed, or its message was deleted.
    """
    purpose, message_id = parse_link(token)
    message = await session.get(Message, message_id)
    found = await composer.load(session, message.event_id) if message is not None else None
    if message is None or found is None:
        raise NotFound
    own, reminder = found.own, found.reminder
    stands = own.status == rules.Status.BOOKED and own.start_at == reminder.start_at
    confirmed = (await session.get_one(Appointment, (own.unit_id, own.id))).confirmed_start_at
    done = Answer(reminder.answer) if reminder.answer in (Answer.MOVED, Answer.CANCELLED) else None
    if purpose is Purpose.CONFIRM and done is None and confirmed == reminder.start_at and stands:
        done = Answer.CONFIRMED
    is_over = done is None and (not stands or own.affected is not None or own.start_at <= clock.now())
    return Link(purpose, message, reminder, own, done, is_over)


def _actor(link: Link, anonymous: Anonymous) -> Citizen:
    """The person the message was sent to: whoever reads it proved as much as a code to this contact would. For someone
    else they act as at the level that messages about others need."""
    is_own = link.message.person_id == link.own.person_id
    assurance = Assurance.LOW if is_own else Assurance.FULL
    return Citizen(link.message.person_id, Channel.WEB, device=anonymous.device, assurance=assurance)


async def confirm(session: AsyncSession, anonymous: Anonymous, link: Link) -> None:
    """Record that the person will come.

    Raises:
        AppointmentEnded: it isn't booked any more.
    """
    await confirmation.confirm(session, _actor(link, anonymous), link.own.folio)
    _answered(link, Answer.CONFIRMED)


async def cancel(session: AsyncSession, anonymous: Anonymous, link: Link, once: IdempotencyRequest) -> None:
    """Cancel the appointment: its seat is offered again, as when the person cancels it on its page.

    Raises:
        CancelTooLate, AppointmentEnded, Stale.
    """
    actor = _actor(link, anonymous)
    await reschedule.cancel(session, actor, link.own.folio, CANCEL_REASON, once, version=link.own.version)
    _answered(link, Answer.CANCELLED)


async def move(session: AsyncSession, anonymous: Anonymous, link: Link, to: NewTime, once: IdempotencyRequest) -> None:
    """Move the appointment to another time of its service and unit.

    Raises:
        CancelTooLate, SlotTaken, or another rule's Problem.
    """
    await reschedule.move(session, _actor(link, anonymous), link.own.folio, to, once, version=link.own.version)
    _answered(link, Answer.MOVED)


def _answered(link: Link, answer: Answer) -> None:
    link.reminder.answer, link.reminder.answered_at = answer, clock.now()
