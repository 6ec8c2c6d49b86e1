"""Events at a unit's desk: arrival, waiting and service of people who visit in person.

A desk that was offline sends its events late, so each has its time at the desk (`happened_at`); the event's own time is
that of recording. The wait is from arrival to service (or call, if service isn't recorded), service time from service
to departure: differences of two instants, non-negative if the desk's clock is right. The subject is the ticket;
`service` is its purpose, `person_id` its owner, or null if unknown.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from app.kernel.events import DomainEvent


@dataclass(frozen=True, kw_only=True)
class TicketEvent(DomainEvent):
    """Common fields: the instant at the desk."""

    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class TicketArrived(TicketEvent):
    """A person took a ticket or checked in for an appointment: their wait begins. The subject is the ticket."""

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
    """Service of a ticket began: the wait is over."""

    type: ClassVar[str] = "ticket.served"


@dataclass(frozen=True, kw_only=True)
class TicketLeft(TicketEvent):
    """The person left the desk: served, gave up waiting, or referred elsewhere."""

    type: ClassVar[str] = "ticket.left"
    outcome: Literal["done", "gave-up", "redirected"]


@dataclass(frozen=True, kw_only=True)
class AppointmentMissed(DomainEvent):
    """The person didn't come to an appointment. The subject is the appointment."""

    type: ClassVar[str] = "appointment.missed"
    folio: str
    start_at: datetime
