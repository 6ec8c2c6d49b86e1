"""Which freed appointment is offered to which walk-in ticket: the first in the order of call that gains by it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.desk.rules.turns import Arrival, Turn, TurnPolicy, call_order, turn_of

SOON = timedelta(minutes=30)
"""How far ahead a freed appointment is offered to who waits: it can't be booked online any more."""


class Freed(StrEnum):
    """Why the time of an appointment is free."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    MISSED = "missed"
    """Its person was recorded as absent; the seat stays theirs, and who accepts takes the place in the queue alone."""


class OfferStatus(StrEnum):
    """How an offer stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """The time passed or was taken, the ticket waits no more, or its person can't have it any more."""


@dataclass(frozen=True, slots=True)
class FreedTime:
    """A time that was booked: of which service, in which room, when, for how long, and why it is free."""

    service: str
    room: int
    start_at: datetime
    seat: int
    minutes: int
    freed: Freed

    @property
    def key(self) -> tuple[int, datetime, int]:
        """Which seat of the unit it is."""
        return self.room, self.start_at, self.seat


@dataclass(frozen=True, slots=True)
class WalkIn:
    """A ticket that waits without an appointment. `room`: the only one that may call it; `is_known`: whose it is is
    known; `has_appointment`: that person has another of this service, today or later."""

    id: UUID
    service: str
    number: int
    arrival: Arrival
    turn: Turn
    policy: TurnPolicy
    room: int | None = None
    is_known: bool = True
    has_appointment: bool = False


def is_offered(time: FreedTime, now: datetime) -> bool:
    """Whether a time is near enough: it begins within half an hour or, of an absent person, hasn't ended. An absence is
    recorded once the tolerance has passed, so that such a time has always begun."""
    if time.freed is Freed.MISSED:
        return time.start_at <= now < time.start_at + timedelta(minutes=time.minutes)
    return now <= time.start_at <= now + SOON


def turn_taking(ticket: WalkIn, start_at: datetime) -> Turn:
    """The place that a ticket gets with an appointment's time. The limit of its wait doesn't move back."""
    turn = turn_of(replace(ticket.arrival, due_at=start_at), ticket.policy)
    return replace(turn, first_at=min(turn.first_at, ticket.turn.first_at))


def fits(time: FreedTime, ticket: WalkIn) -> bool:
    """Whether a time may go to a ticket: of its service and room, for who has no other appointment, and only where it
    is called sooner by it. A booking needs a person; the place of an absent one doesn't."""
    return (
        ticket.service == time.service
        and ticket.room in (None, time.room)
        and not ticket.has_appointment
        and (ticket.is_known or time.freed is Freed.MISSED)
        and turn_taking(ticket, time.start_at).rank_at < ticket.turn.rank_at
    )


def in_order(tickets: Iterable[WalkIn], now: datetime) -> list[WalkIn]:
    """Tickets as they are called."""
    return sorted(tickets, key=lambda one: (call_order(one.turn, one.number, now), one.id))


def next_offers(
    times: Iterable[FreedTime],
    tickets: Iterable[WalkIn],
    declined: Collection[tuple[UUID, datetime]],
    now: datetime,
) -> list[tuple[FreedTime, WalkIn]]:
    """Which time goes to which ticket: the earliest to the first that it fits and who hasn't declined that hour; each
    time and each ticket once."""
    waiting = in_order(tickets, now)
    given: list[tuple[FreedTime, WalkIn]] = []
    for time in sorted((one for one in times if is_offered(one, now)), key=lambda one: (one.start_at, *one.key)):
        found = next((one for one in waiting if fits(time, one) and (one.id, time.start_at) not in declined), None)
        if found is not None:
            waiting.remove(found)
            given.append((time, found))
    return given


def to_identify(
    times: Sequence[FreedTime],
    tickets: Sequence[WalkIn],
    declined: Collection[tuple[UUID, datetime]],
    now: datetime,
) -> list[WalkIn]:
    """Tickets that a time would be offered to if it were known whose they are."""
    known = [replace(one, is_known=True) for one in tickets]
    unknown = {one.id: one for one in tickets if not one.is_known}
    return [
        unknown[ticket.id]
        for time, ticket in next_offers(times, known, declined, now)
        if ticket.id in unknown and time.freed is not Freed.MISSED
    ]
