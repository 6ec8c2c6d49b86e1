"""Domain events of appointments. The package's public contract: ids only, no personal data."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from app.kernel.events import DomainEvent, person_topic


@dataclass(frozen=True, kw_only=True)
class SeatHeld(DomainEvent):
    """A slot is held for a person for a few minutes. The subject is the hold."""

    type: ClassVar[str] = "seat.held"
    room: int
    start_at: datetime
    held_until: datetime


@dataclass(frozen=True, kw_only=True)
class HoldReleased(DomainEvent):
    """A person released their hold. The subject is the hold."""

    type: ClassVar[str] = "hold.released"


@dataclass(frozen=True, kw_only=True)
class AppointmentBooked(DomainEvent):
    """A hold became an appointment (`hold_id`). The subject is the appointment, as in every event about one."""

    type: ClassVar[str] = "appointment.booked"
    folio: str
    room: int
    start_at: datetime
    minutes: int
    hold_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppointmentChange(DomainEvent):
    """An appointment isn't any more what its page shows. The subject is the appointment."""

    def topics(self) -> Collection[str]:
        return (person_topic(self.person_id),)


@dataclass(frozen=True, kw_only=True)
class AppointmentMoved(AppointmentChange):
    """An appointment has a new time, held first or not (`hold_id`); the old one was freed in the same instant."""

    type: ClassVar[str] = "appointment.moved"
    folio: str
    room: int
    start_at: datetime
    minutes: int
    from_room: int
    from_start_at: datetime
    version: int
    hold_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class AppointmentCancelled(AppointmentChange):
    """An appointment was cancelled; its seat is offered again after the release delay."""

    type: ClassVar[str] = "appointment.cancelled"
    folio: str
    room: int
    start_at: datetime
    minutes: int
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class AppointmentConfirmed(AppointmentChange):
    """The person said that they will come at this time."""

    type: ClassVar[str] = "appointment.confirmed"
    folio: str
    start_at: datetime


@dataclass(frozen=True, kw_only=True)
class AppointmentFeedbackGiven(DomainEvent):
    """The person answered the two questions after booking, moving or cancelling; a later answer takes its place.

    `would_have_visited`: without the portal they would have visited in person; null: not known or not answered.
    `satisfaction`: from 1, very hard, to 5, very easy.
    """

    type: ClassVar[str] = "appointment.feedback-given"
    folio: str
    would_have_visited: bool | None
    satisfaction: int | None


@dataclass(frozen=True, kw_only=True)
class ScheduleOpened(DomainEvent):
    """A room has a new weekly pattern. The subject is the schedule."""

    type: ClassVar[str] = "schedule.opened"
    room: int
    shift: str
    valid_from: date


@dataclass(frozen=True, kw_only=True)
class AppointmentAffected(AppointmentChange):
    """An appointment can't take place as booked: its room, shift or unit is closed then. It stands until it is moved or
    cancelled, and the person is notified.

    `reason`: holiday, leave, training, maintenance, emergency, schedule (its hours changed), unit (out of operation).
    `offer_id`: another time is offered instead, `offered_start_at` in `offered_room` of `offered_unit_id`; without
    these three, the person chooses one. An answer is awaited until `reply_by`. An offer whose own time is closed is
    replaced, with this event again. `version`: as it was then.
    """

    type: ClassVar[str] = "appointment.affected"
    folio: str
    room: int
    start_at: datetime
    minutes: int
    version: int
    reason: str
    offer_id: UUID | None = None
    offered_unit_id: UUID | None = None
    offered_room: int | None = None
    offered_start_at: datetime | None = None
    reply_by: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RebookingCallRecorded(DomainEvent):
    """Staff rang a person about a time that is offered instead of theirs, and got no answer. The subject is the
    appointment."""

    type: ClassVar[str] = "appointment.rebooking-call-recorded"
    folio: str
    offer_id: UUID
    calls: int


@dataclass(frozen=True, kw_only=True)
class AppointmentReinstated(AppointmentChange):
    """The cause that affected an appointment was removed: it takes place as booked. `version`: as it was then."""

    type: ClassVar[str] = "appointment.reinstated"
    folio: str
    room: int
    start_at: datetime
    minutes: int
    version: int


@dataclass(frozen=True, kw_only=True)
class ScheduleChanged(DomainEvent):
    """A room's weekly pattern was ended, corrected, or withdrawn before it began. The subject is the schedule."""

    type: ClassVar[str] = "schedule.changed"
    room: int
    valid_to: date | None
    removed: int
    affected: int


@dataclass(frozen=True, kw_only=True)
class HolidayAdded(DomainEvent):
    """A unit, or the whole agency (no unit), is closed on a day. The subject is the day off."""

    type: ClassVar[str] = "holiday.added"
    on_date: date
    affected: int


@dataclass(frozen=True, kw_only=True)
class HolidayRemoved(DomainEvent):
    """A day off was removed. The subject is the day off."""

    type: ClassVar[str] = "holiday.removed"
    on_date: date


@dataclass(frozen=True, kw_only=True)
class ScheduleExceptionCreated(DomainEvent):
    """A unit, shift or room is closed for a while. The subject is the exception."""

    type: ClassVar[str] = "schedule-exception.created"
    reason: str
    starts_at: datetime
    ends_at: datetime
    affected: int


@dataclass(frozen=True, kw_only=True)
class ScheduleExceptionRemoved(DomainEvent):
    """An exception was removed. The subject is the exception."""

    type: ClassVar[str] = "schedule-exception.removed"


@dataclass(frozen=True, kw_only=True)
class ReferralIssued(DomainEvent):
    """A person was referred to a specialist. The subject is the referral."""

    type: ClassVar[str] = "referral.issued"
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class SlotsGenerated(DomainEvent):
    """Slots were generated up to the booking horizon. The subject is the unit."""

    type: ClassVar[str] = "slots.generated"
    seats: int
    until: date


@dataclass(frozen=True, kw_only=True)
class WaitEntryAdded(DomainEvent):
    """A person asked to be offered freed times of a service at a unit. The subject is the entry of the wait list, as in
    every event of one. `appointment_id`: the appointment that they would give for an earlier one."""

    type: ClassVar[str] = "wait-entry.added"
    appointment_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class WaitEntryChanged(DomainEvent):
    """The person changed which times they would take; their place in the order is as it was."""

    type: ClassVar[str] = "wait-entry.changed"


@dataclass(frozen=True, kw_only=True)
class WaitEntryPaused(DomainEvent):
    """Nothing is offered to the entry any more until its person resumes it. `reason`: ignored (three offers in a row),
    or unreachable."""

    type: ClassVar[str] = "wait-entry.paused"
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaitEntryResumed(DomainEvent):
    """The person resumed a paused entry; their place in the order is as it was."""

    type: ClassVar[str] = "wait-entry.resumed"


@dataclass(frozen=True, kw_only=True)
class WaitEntryEnded(DomainEvent):
    """An entry of the wait list ended. `reason`: left, appointment-over, appointment-cancelled, booked-elsewhere,
    not-eligible, expired. When an offer is accepted, `wait-offer.accepted` says that the entry ended."""

    type: ClassVar[str] = "wait-entry.ended"
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaitOfferEvent(DomainEvent):
    """A freed seat that is offered to an entry of the wait list. The subject is the offer."""

    entry_id: UUID
    freed_seat_id: UUID
    room: int
    start_at: datetime


@dataclass(frozen=True, kw_only=True)
class WaitOfferMade(WaitOfferEvent):
    """A freed seat is held for a person of the wait list until `expires_at`. `place`: where they were in the order, by
    class of `need` and time of asking, among the `candidates` whom it fitted. The subject is the offer, as in every
    event of one."""

    type: ClassVar[str] = "wait-offer.made"
    need: str
    place: int
    candidates: int
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class WaitOfferAccepted(WaitOfferEvent):
    """The person took the time that they were offered (`appointment_id`), and their entry ended. What happened to the
    appointment is in `appointment.moved` or `appointment.booked`."""

    type: ClassVar[str] = "wait-offer.accepted"
    appointment_id: UUID


@dataclass(frozen=True, kw_only=True)
class WaitOfferDeclined(WaitOfferEvent):
    """The person doesn't want the time; the next in order is asked."""

    type: ClassVar[str] = "wait-offer.declined"


@dataclass(frozen=True, kw_only=True)
class WaitOfferExpired(WaitOfferEvent):
    """No answer came in time; the next in order is asked."""

    type: ClassVar[str] = "wait-offer.expired"


@dataclass(frozen=True, kw_only=True)
class WaitOfferUnreachable(WaitOfferEvent):
    """No message could reach the person; the next in order is asked."""

    type: ClassVar[str] = "wait-offer.unreachable"


@dataclass(frozen=True, kw_only=True)
class WaitOfferWithdrawn(WaitOfferEvent):
    """The offer ended without an answer of the person's: its seat was closed, or the entry ended, changed, or may not
    have it any more."""

    type: ClassVar[str] = "wait-offer.withdrawn"


@dataclass(frozen=True, kw_only=True)
class FreedSeatReleased(DomainEvent):
    """A freed seat left the wait list without being accepted: no one was left to ask (`outcome` returned), or it was
    taken back or closed (taken). The subject is the freed seat."""

    type: ClassVar[str] = "freed-seat.released"
    room: int
    start_at: datetime
    outcome: str


UNREACHED_TASK = "appointments.wait-offer-unreached"
"""The task that who delivers messages enqueues when none can reach the person of an offer (`offer_id`)."""
