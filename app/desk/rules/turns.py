"""Who is called next: one queue of appointments and walk-ins, in an order that is published.

The place of a ticket is fixed when its person arrives, from what is known then: who arrives later changes nothing for
those who wait. It depends on neither the order in which arrivals are written nor on who else waits.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class PriorityClass(StrEnum):
    """Whose waits are compared and whose targets are one."""

    APPOINTMENT = "appointment"
    WALK_IN = "walk-in"


@dataclass(frozen=True, slots=True)
class TurnPolicy:
    """What a unit sets, in minutes. Starting values are our own (design of the desk); units publish theirs.

    `tolerance`: how late one may be for an appointment and keep its time. `walk_in_offset`: added to the arrival of
    those without one, so that they fill gaps between appointments. `protected`: how far older people, pregnant women,
    people with a disability or with a small child are moved forward (Ley de los Derechos de las Personas Adultas
    Mayores, art. 5; Ley General para la Inclusión de las Personas con Discapacidad). `appointment_target` and
    `walk_in_target`: how long one should wait at most; `grace` after it one comes first.
    """

    tolerance: int = 10
    walk_in_offset: int = 20
    protected: int = 15
    appointment_target: int = 30
    walk_in_target: int = 120
    grace: int = 60


PROTECTED_AGE = 60
"""Years from which one is an older person (Ley de los Derechos de las Personas Adultas Mayores, art. 3, I)."""


def is_protected_age(birth_on: date, today: date) -> bool:
    """Whether a person is old enough to be moved forward without asking for it. Born on 29 February: on 1 March."""
    return (today.year - PROTECTED_AGE, today.month, today.day) >= (birth_on.year, birth_on.month, birth_on.day)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A person at the desk: since when, for which appointment's time if any, and whether the law protects them."""

    arrived_at: datetime
    due_at: datetime | None = None
    is_protected: bool = False

    @property
    def priority_class(self) -> PriorityClass:
        return PriorityClass.WALK_IN if self.due_at is None else PriorityClass.APPOINTMENT


@dataclass(frozen=True, slots=True)
class Turn:
    """The place of a ticket in its queue: the least `rank_at` is called next, but from `first_at` on it comes first."""

    rank_at: datetime
    first_at: datetime


def turn_of(arrival: Arrival, policy: TurnPolicy) -> Turn:
    """Return the place that an arrival gets.

    An appointment keeps its time when its person is on time; who is late by more than the tolerance waits as much more
    as they are late. No one waits without limit: from the target and the grace after it, counted from the arrival (or
    from the appointment's time, for who comes early), a ticket comes before every other that hasn't waited as long.
    """
    forward = timedelta(minutes=policy.protected) if arrival.is_protected else timedelta()
    if arrival.due_at is None:
        rank, since = arrival.arrived_at + timedelta(minutes=policy.walk_in_offset), arrival.arrived_at
        target = policy.walk_in_target
    else:
        late = arrival.arrived_at - arrival.due_at
        is_on_time = late <= timedelta(minutes=policy.tolerance)
        rank = arrival.due_at if is_on_time else arrival.arrived_at + late
        since, target = max(arrival.arrived_at, arrival.due_at), policy.appointment_target
    return Turn(rank - forward, since + timedelta(minutes=target + policy.grace))


def moved_forward(turn: Turn, policy: TurnPolicy) -> Turn:
    """Return the place of a ticket of whom it is learnt later that the law protects them: as on arrival."""
    return Turn(turn.rank_at - timedelta(minutes=policy.protected), turn.first_at)


def call_order(turn: Turn, number: int, now: datetime) -> tuple[bool, datetime, int]:
    """Return the key by which tickets are called at an instant: the least comes first. `sql/call_next.sql` sorts by the
    same, and a test compares the two."""
    is_overdue = turn.first_at <= now
    return (not is_overdue, turn.first_at if is_overdue else turn.rank_at, number)
