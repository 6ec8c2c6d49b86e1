"""What a transaction is: the kind of each service, whose parameters are used where a service has none of its own, and
the events that begin, advance and end a transaction or a ticket."""

from enum import StrEnum

from app.appointments import events as appointments
from app.appointments.labels import SERVICES, SPECIALTIES
from app.catalog.loader import load_services
from app.desk import events as desk
from app.identity.events import SessionAbandoned
from app.requests import events as requests
from app.savings import events as savings
from app.savings.measures import Outcome

APPOINTMENTS = ("appointment", "appointment-change")
"""Kinds whose transactions are over at once, or never, and whose queue and reception no ticket records."""


def kinds_of_services() -> dict[str, str]:
    """Of which kind of transaction each service is: as its file says; appointments are a kind, changes of one
    another."""
    kinds = {service.id: service.baseline for service in load_services().values()}
    kinds |= dict.fromkeys([*SERVICES, *(f"specialist-{name}" for name in SPECIALTIES)], "appointment")
    return kinds | dict.fromkeys(("appointment-move", "appointment-cancel"), "appointment-change")


def services_of(*kinds: str) -> list[str]:
    """The services of these kinds."""
    return [service for service, kind in kinds_of_services().items() if kind in kinds]


class EventType(StrEnum):
    """Types of the events that are read; others don't matter to the measurement."""

    SEAT_HELD = appointments.SeatHeld.type
    HOLD_RELEASED = appointments.HoldReleased.type
    BOOKED = appointments.AppointmentBooked.type
    MOVED = appointments.AppointmentMoved.type
    CANCELLED = appointments.AppointmentCancelled.type
    APPOINTMENT_FEEDBACK = appointments.AppointmentFeedbackGiven.type
    ATTENDED = desk.AppointmentAttended.type
    MISSED = desk.AppointmentMissed.type
    ARRIVED = desk.TicketArrived.type
    CALLED = desk.TicketCalled.type
    SERVED = desk.TicketServed.type
    LEFT = desk.TicketLeft.type
    RETURNED = desk.TicketReturned.type
    SENT_ON = desk.TicketTransferred.type
    SESSION_ABANDONED = SessionAbandoned.type
    STARTED = requests.RequestStarted.type
    SAVED = requests.RequestSaved.type
    DOCUMENT_RECEIVED = requests.DocumentReceived.type
    SUBMITTED = requests.RequestSubmitted.type
    ANSWERED = requests.RequestAnswered.type
    APPEALED = requests.RequestAppealed.type
    WITHDRAWN = requests.RequestWithdrawn.type
    LAPSED = requests.RequestLapsed.type
    DISCARDED = requests.RequestDiscarded.type
    DECIDED = requests.RequestDecided.type
    APPROVAL_UNDONE = requests.ApprovalUndone.type
    VISIT_ATTENDED = requests.VisitAttended.type
    VISIT_CANCELLED = requests.VisitCancelled.type
    TRANSFERRED = requests.WorkTransferred.type
    REQUEST_FEEDBACK = requests.FeedbackGiven.type
    CORRECTED = savings.TransactionCorrected.type


TYPES = tuple(kind.value for kind in EventType)
ENDS = {
    EventType.BOOKED: Outcome.COMPLETED,
    EventType.MOVED: Outcome.COMPLETED,
    EventType.CANCELLED: Outcome.COMPLETED,
    EventType.WITHDRAWN: Outcome.ABANDONED,
    EventType.LAPSED: Outcome.ABANDONED,
    EventType.DISCARDED: Outcome.ABANDONED,
    EventType.SESSION_ABANDONED: Outcome.ABANDONED,
    EventType.APPEALED: Outcome.OPEN,
    EventType.APPROVAL_UNDONE: Outcome.OPEN,
}
"""A decision ends a transaction as its payload says; an appeal, or an approval undone, opens it again."""
OWN_STEPS = (
    EventType.SEAT_HELD,
    EventType.HOLD_RELEASED,
    EventType.BOOKED,
    EventType.MOVED,
    EventType.CANCELLED,
    EventType.SESSION_ABANDONED,
    EventType.STARTED,
    EventType.SAVED,
    EventType.DOCUMENT_RECEIVED,
    EventType.SUBMITTED,
    EventType.ANSWERED,
    EventType.APPEALED,
    EventType.WITHDRAWN,
)
"""Steps of the person themselves, or of who does them for them."""
DUE_RESET = (
    EventType.SUBMITTED,
    EventType.ANSWERED,
    EventType.APPEALED,
    EventType.VISIT_ATTENDED,
    EventType.VISIT_CANCELLED,
    EventType.APPROVAL_UNDONE,
)
"""Events that reset the due date: the clock was stopped meanwhile."""
FEEDBACK = (EventType.REQUEST_FEEDBACK, EventType.APPOINTMENT_FEEDBACK)
CHANGES = (EventType.MOVED, EventType.CANCELLED)
"""A change of an appointment is a transaction of its own, known by its event."""
SERVICE_STEPS = (EventType.SERVED, EventType.SENT_ON, EventType.LEFT)
"""What begins and ends the time in which a ticket is served."""
AFTER_ARRIVAL = (EventType.CALLED, EventType.RETURNED, *SERVICE_STEPS)
TICKETS = (EventType.ARRIVED, *AFTER_ARRIVAL)
"""A ticket that is parked waits elsewhere: its return changes what it is, that doesn't."""
