"""Events at a unit's desk: arrival, waiting and service of people who visit in person.

A desk that was offline sends its events late, so each has its time at the desk (`happened_at`); the event's own time is
that of recording. They may come in any order, and twice; what the measurement makes of them is in `docs/savings.md`.
The subject is the ticket; `service` is what it waits for now, `person_id` its owner, or null if unknown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from app.kernel.events import DomainEvent, person_topic


def desk_topic(unit_id: UUID) -> str:
    """The topic that is notified in the transaction of each change at a unit's desk: tickets and counters. The SQL
    files name it too."""
    return f"desk:{unit_id}"


@dataclass(frozen=True, kw_only=True)
class TicketEvent(DomainEvent):
    """Common fields: the instant at the desk."""

    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketArrived(TicketEvent):
    """A person took a ticket or checked in for an appointment: their wait begins. The subject is the ticket. Recorded
    again when it is known later of whom the ticket is, for which appointment, or since when: the latest holds."""

    type: ClassVar[str] = "ticket.arrived"
    appointment_id: UUID | None
    walk_in: bool


@dataclass(frozen=True, kw_only=True)
class TicketCalled(TicketEvent):
    """A window or room called the ticket, possibly again; `window` is its number."""

    type: ClassVar[str] = "ticket.called"
    window: int


@dataclass(frozen=True, kw_only=True)
class TicketServed(TicketEvent):
    """Service of a ticket began: the wait is over. After a transfer it begins again."""

    type: ClassVar[str] = "ticket.served"


@dataclass(frozen=True, kw_only=True)
class TicketLeft(TicketEvent):
    """The person left: served, without answering the calls, tired of waiting, referred elsewhere, because the unit
    closed without calling them, or served at a counter that never recorded the end (`unended`)."""

    type: ClassVar[str] = "ticket.left"
    outcome: Literal["done", "no-answer", "gave-up", "redirected", "closed", "unended"]


@dataclass(frozen=True, kw_only=True)
class TicketParked(TicketEvent):
    """A person who waits comes back later, with a document or from the laboratory; the ticket keeps its place."""

    type: ClassVar[str] = "ticket.parked"


@dataclass(frozen=True, kw_only=True)
class TicketReturned(TicketEvent):
    """A ticket that was parked, or had ended by mistake, waits again: it hasn't ended then."""

    type: ClassVar[str] = "ticket.returned"


@dataclass(frozen=True, kw_only=True)
class TicketReleased(TicketEvent):
    """A ticket that waited for one doctor may be called by any room of its service."""

    type: ClassVar[str] = "ticket.released"


@dataclass(frozen=True, kw_only=True)
class TicketIdentified(TicketEvent):
    """A ticket of someone unknown got its person, who is `person_id`; number and arrival stay. `is_protected`: it is of
    someone whom the law protects, for their age perhaps, which only the registry knows."""

    type: ClassVar[str] = "ticket.identified"
    is_protected: bool


@dataclass(frozen=True, kw_only=True)
class TicketPersonCorrected(TicketEvent):
    """An open ticket had been given to the wrong person: it is of another one (`person_id`), or of someone unknown.
    `because`: what went wrong; `was_person_id`: whose it had been. The appointment that it had is booked again."""

    type: ClassVar[str] = "ticket.person-corrected"
    because: Literal["wrong-choice", "slip-of-another", "unsure"]
    was_person_id: UUID
    is_protected: bool


@dataclass(frozen=True, kw_only=True)
class TicketTransferred(TicketEvent):
    """A counter sent the person on to another queue, whose service is `service`; the clock of the stay runs on."""

    type: ClassVar[str] = "ticket.transferred"
    from_service: str


@dataclass(frozen=True, kw_only=True)
class QueueTermsChanged(DomainEvent):
    """A unit changed the published terms of a queue, in minutes, and after how many calls a person counts as not there;
    for who arrives from then on. The subject is the unit."""

    type: ClassVar[str] = "queue.terms-changed"
    tolerance: int
    walk_in_offset: int
    protected: int
    appointment_target: int
    walk_in_target: int
    grace: int
    calls: int


@dataclass(frozen=True, kw_only=True)
class CounterEvent(DomainEvent):
    """Common field: the number of the window or room. The subject is the session of who sits there."""

    counter: int


@dataclass(frozen=True, kw_only=True)
class CounterOpened(CounterEvent):
    """A member of staff sat down at a counter to attend these services."""

    type: ClassVar[str] = "counter.opened"
    services: list[str]


@dataclass(frozen=True, kw_only=True)
class CounterPaused(CounterEvent):
    """A counter stops calling for a while."""

    type: ClassVar[str] = "counter.paused"


@dataclass(frozen=True, kw_only=True)
class CounterResumed(CounterEvent):
    """A counter goes on calling."""

    type: ClassVar[str] = "counter.resumed"


@dataclass(frozen=True, kw_only=True)
class CounterClosed(CounterEvent):
    """A member of staff left a counter."""

    type: ClassVar[str] = "counter.closed"


@dataclass(frozen=True, kw_only=True)
class AttendanceEvent(DomainEvent):
    """Common fields: which appointment, and when it was for. The subject is the appointment; the latest holds."""

    folio: str
    start_at: datetime

    def topics(self) -> Collection[str]:
        return (person_topic(self.person_id),)


@dataclass(frozen=True, kw_only=True)
class AppointmentAttended(AttendanceEvent):
    """The person of an appointment was attended."""

    type: ClassVar[str] = "appointment.attended"


@dataclass(frozen=True, kw_only=True)
class AppointmentMissed(AttendanceEvent):
    """The person didn't come to an appointment. The subject is the appointment."""

    type: ClassVar[str] = "appointment.missed"


@dataclass(frozen=True, kw_only=True)
class AppointmentUnserved(AttendanceEvent):
    """An appointment's day ended without the person being attended, although they came (`closed`: because the time had
    been closed): it counts against the unit, and is no absence."""

    type: ClassVar[str] = "appointment.unserved"
    closed: bool


@dataclass(frozen=True, kw_only=True)
class NumbersReserved(DomainEvent):
    """Numbers of a queue were reserved for a device to give while it is offline. The subject is the range."""

    type: ClassVar[str] = "numbers.reserved"
    device_id: UUID
    letter: str
    first: int
    last: int


@dataclass(frozen=True, kw_only=True)
class OfflineConflictResolved(DomainEvent):
    """Staff dealt with what a device recorded offline and couldn't be merged. The subject is the entry; `reason` is the
    slug of the problem."""

    type: ClassVar[str] = "offline-conflict.resolved"
    reason: str


@dataclass(frozen=True, kw_only=True)
class OfferEvent(DomainEvent):
    """Common fields: which ticket, and which freed time of which room. The subject is the offer."""

    ticket_id: UUID
    room: int
    start_at: datetime


@dataclass(frozen=True, kw_only=True)
class OfferMade(OfferEvent):
    """A freed appointment was offered to a ticket that waits without one: `freed` says why it is free, `place` which of
    them the ticket was."""

    type: ClassVar[str] = "offer.made"
    freed: Literal["cancelled", "moved", "missed"]
    place: int


@dataclass(frozen=True, kw_only=True)
class OfferAccepted(OfferEvent):
    """The ticket takes the time: booked (`appointment_id`), or in place of the absent person."""

    type: ClassVar[str] = "offer.accepted"
    appointment_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class OfferDeclined(OfferEvent):
    """The person doesn't want that time, or can't have it: it goes to the next."""

    type: ClassVar[str] = "offer.declined"


@dataclass(frozen=True, kw_only=True)
class OfferLapsed(OfferEvent):
    """No one answered before the time passed or was taken, or before the ticket was called."""

    type: ClassVar[str] = "offer.lapsed"
