"""What happens at a unit's desk to somebody who comes in person: the wait and the attention, as they were.

A desk without network sends its facts late, so each says when it happened there (`happened_at`); the event's own time
is when it was recorded. The wait is from arrived to served (called, where nobody says when attention began), the time
of service from served to left: seconds between two instants, never negative where the desk's clock is right.
The subject is the ticket, `service` what it is for, `person_id` whose it is or null when nobody asked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TicketFact(DomainEvent):
    """What all of them say: the instant at the desk."""

    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketArrived(TicketFact):
    """A person took a ticket or checked in for an appointment: their wait begins. The subject is the ticket."""

    type: ClassVar[str] = "ticket.arrived"
    appointment_id: UUID | None
    walk_in: bool


@dataclass(frozen=True, kw_only=True)
class TicketCalled(TicketFact):
    """A window or room called the ticket, perhaps not for the first time; `window` is its number."""

    type: ClassVar[str] = "ticket.called"
    window: int


@dataclass(frozen=True, kw_only=True)
class TicketServed(TicketFact):
    """Attention began: the wait is over."""

    type: ClassVar[str] = "ticket.served"


@dataclass(frozen=True, kw_only=True)
class TicketLeft(TicketFact):
    """The person left: attended, tired of waiting before they were, or sent to another place."""

    type: ClassVar[str] = "ticket.left"
    outcome: Literal["done", "gave-up", "redirected"]


@dataclass(frozen=True, kw_only=True)
class AppointmentMissed(DomainEvent):
    """Nobody came to an appointment. The subject is the appointment."""

    type: ClassVar[str] = "appointment.missed"
    folio: str
    start_at: datetime
