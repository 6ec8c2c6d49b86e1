"""What a desk can do about an appointment that a person comes for. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.appointments.rules import Status
from app.desk.rules.tickets import OPEN, TicketStatus

ENDED = (Status.CANCELLED, Status.ATTENDED, Status.UNSERVED)


class AtDesk(StrEnum):
    """How an appointment stands at a desk."""

    ARRIVE = "arrive"
    """The person checks in."""
    MISSED = "missed"
    """It was taken for missed: the person is here, and checks in all the same."""
    WAITING = "waiting"
    """They have checked in, and have a number."""
    ELSEWHERE = "elsewhere"
    OTHER_DAY = "other-day"
    CLOSED = "closed"
    """The unit closed the time of the appointment."""
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    UNSERVED = "unserved"
    TOO_SOON = "too-soon"
    """It was recorded as attended before its hour, of who hadn't checked in: a slip. The person checks in all the
    same."""


CAN_CHECK_IN = (AtDesk.ARRIVE, AtDesk.MISSED, AtDesk.TOO_SOON)
EARLY = timedelta(minutes=30)
"""How long before its hour an appointment can be recorded as attended whose person didn't check in. Our choice."""


TAKEN_FOR = timedelta(hours=2)
"""How long before its hour an appointment is taken for what its person came for, who took a number without it. Our
choice: who comes earlier than that may have come for something else, and would wait until the appointment's hour."""


def is_taken(start_at: datetime, arrived_at: datetime) -> bool:
    """Whether a ticket of someone who arrived at an instant takes their appointment of the same day and service by
    itself. Who has no such ticket may check in for it at any hour of the day."""
    return start_at - arrived_at <= TAKEN_FOR


@dataclass(frozen=True, slots=True)
class Presented:
    """An appointment as a desk sees it; `ticket`: the status of the last ticket that came of it; `has_begun`: its hour
    has come."""

    status: str
    is_here: bool
    is_today: bool
    is_affected: bool
    ticket: str | None
    has_begun: bool = True


def is_too_soon(status: str, ticket: str | None, *, has_begun: bool) -> bool:
    """Whether an appointment was recorded as attended before its hour and without anyone checking in for it."""
    return status == Status.ATTENDED and ticket is None and not has_begun


def missed_from(start_at: datetime, tolerance: int) -> datetime:
    """Until when a person may still come for an appointment, `tolerance` minutes late at most: only after it did they
    miss it."""
    return start_at + timedelta(minutes=tolerance)


def at_desk(shown: Presented) -> AtDesk:
    """Return how an appointment stands, by the order in which `service.check_in` refuses one."""
    if shown.is_here and shown.is_today and is_too_soon(shown.status, shown.ticket, has_begun=shown.has_begun):
        return AtDesk.TOO_SOON
    if shown.status in ENDED:
        return AtDesk(shown.status)
    if not shown.is_here:
        return AtDesk.ELSEWHERE
    if not shown.is_today:
        return AtDesk.OTHER_DAY
    if shown.ticket in OPEN:
        return AtDesk.WAITING
    if shown.ticket == TicketStatus.DONE:
        return AtDesk.ATTENDED
    if shown.is_affected:
        return AtDesk.CLOSED
    return AtDesk.MISSED if shown.status == Status.MISSED else AtDesk.ARRIVE
