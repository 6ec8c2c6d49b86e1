"""Which time is offered instead of one that a closure hits, until when it is held, and who is rung. Pure.

Starting values are our own. A time that is offered instead is never earlier than the one it replaces: who hasn't read
the message yet has missed nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

WITHIN = timedelta(days=7)
"""How much later than the original the offered time may be; a person waits for no later one unless they choose it."""
LEAD = timedelta(hours=1)
"""How far ahead an offered time is at least, so that there is time to answer and to come."""
HELD_FOR = timedelta(hours=48)
"""How long an offered time is held at most: the first half to answer, the second to be rung."""
NOTICE = timedelta(hours=2)
"""How long before it begins an offered time without an answer is released, so that others can use it. Who has less than
this until their original time is rung at once: they may be on their way."""
CHANGEABLE_FOR = timedelta(days=7)
"""How long after its time an appointment that the agency couldn't attend can still be moved or cancelled."""


class Tier(StrEnum):
    """How near an offered time is to the original, nearest first."""

    ROOM = "room"
    """The same room and shift: the same doctor."""
    SHIFT = "shift"
    """Another room of the unit, in the same shift."""
    UNIT = "unit"
    """Another unit where the rules allow it, in the same shift."""


TIERS = tuple(Tier)


class Answer(StrEnum):
    """How an offer ended."""

    ACCEPTED = "accepted"
    OTHER_TIME = "other-time"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    """The cause was removed, or another closure hit the offered time."""


class ReplyStatus(StrEnum):
    """How an affected appointment stands, for staff."""

    ANSWERED = "answered"
    WAITING = "waiting"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class Hit:
    """An appointment that a closure hits. `days`: those on which the rules let the person have the service; `busy`:
    when they have other appointments. `can_move`: false for who is attended at another unit by now."""

    id: UUID
    person_id: UUID
    unit_id: UUID
    service: str
    room: int
    shift: str
    start_at: datetime
    folio: str
    days: frozenset[date] = frozenset()
    busy: tuple[tuple[datetime, datetime], ...] = ()
    can_move: bool = True

    @property
    def priority(self) -> tuple[datetime, str]:
        """Who chooses first: the earlier original time."""
        return self.start_at, self.folio


@dataclass(frozen=True, slots=True)
class OpenSeat:
    """A seat that can be had, of a service."""

    unit_id: UUID
    service: str
    room: int
    shift: str
    start_at: datetime
    seat: int
    minutes: int
    on_date: date

    @property
    def key(self) -> tuple[UUID, int, datetime, int]:
        """Which row it is."""
        return self.unit_id, self.room, self.start_at, self.seat

    @property
    def ends_at(self) -> datetime:
        return self.start_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Placement:
    """The seat that a hit appointment gets, and how near it is; none: its person chooses a time."""

    hit: Hit
    seat: OpenSeat | None
    tier: Tier | None


def place(hits: Sequence[Hit], seats: Collection[OpenSeat], now: datetime) -> list[Placement]:
    """Return a seat for each, by the order of their original times; no seat twice, and no person at two places."""
    by_service: dict[str, dict[tuple[UUID, int, datetime, int], OpenSeat]] = {}
    for seat in sorted(seats, key=lambda one: (one.start_at, one.room, one.seat)):
        by_service.setdefault(seat.service, {})[seat.key] = seat
    placed: list[Placement] = []
    taken: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for hit in sorted(hits, key=lambda one: one.priority):
        left = by_service.get(hit.service, {})
        busy = (*hit.busy, *taken.get(hit.person_id, ()))
        best = min((found for seat in left.values() if (found := _rank(hit, seat, busy, now))), default=None)
        if best is None:
            placed.append(Placement(hit, None, None))
            continue
        chosen = left.pop(best.key)
        taken.setdefault(hit.person_id, []).append((chosen.start_at, chosen.ends_at))
        placed.append(Placement(hit, chosen, TIERS[best.tier]))
    return placed


@dataclass(frozen=True, slots=True, order=True)
class _Rank:
    tier: int
    start_at: datetime
    room: int
    key: tuple[UUID, int, datetime, int]


Busy = Collection[tuple[datetime, datetime]]


def _rank(hit: Hit, seat: OpenSeat, busy: Busy, now: datetime) -> _Rank | None:
    """How near a seat is to the original; None when it can't be offered."""
    tier = tier_of(hit, seat)
    if tier is None or not hit.can_move or seat.on_date not in hit.days:
        return None
    if not earliest(hit.start_at, now) <= seat.start_at <= hit.start_at + WITHIN:
        return None
    if any(starts < seat.ends_at and seat.start_at < until for starts, until in busy):
        return None
    return _Rank(TIERS.index(tier), seat.start_at, seat.room, seat.key)


def tier_of(hit: Hit, seat: OpenSeat) -> Tier | None:
    """How near a seat is to the original by its place: the shift is the same in all."""
    if (seat.service, seat.shift) != (hit.service, hit.shift):
        return None
    if seat.unit_id != hit.unit_id:
        return Tier.UNIT
    return Tier.ROOM if seat.room == hit.room else Tier.SHIFT


def earliest(start_at: datetime, now: datetime) -> datetime:
    """The first instant at which an offered time may begin."""
    return max(start_at, now + LEAD)


@dataclass(frozen=True, slots=True)
class Terms:
    """Until when an answer is awaited, and until when the seat is held; the latter None without a seat."""

    reply_by: datetime
    held_until: datetime | None


def terms_of(now: datetime, start_at: datetime, offered_at: datetime | None) -> Terms:
    """Return the deadlines of an offer made now to who had an appointment at `start_at`.

    The seat is held for 48 hours at most, and until two hours before it begins; where that is sooner than an hour from
    now, for half of the time that is left. An answer is awaited for half of that time, but no longer than until two
    hours before the original time: from then on, the person is rung.
    """
    if offered_at is None:
        held_until, half = None, HELD_FOR / 2
    else:
        last = max(offered_at - NOTICE, now + (offered_at - now) / 2)
        held_until = min(now + HELD_FOR, last)
        half = (held_until - now) / 2
    return Terms(max(now, min(now + half, start_at - NOTICE)), held_until)


def answer_before(reply_by: datetime, now: datetime) -> datetime | None:
    """The deadline that a person, a message and staff are shown; None once it has passed: then the person is rung."""
    return reply_by if now < reply_by else None


def reply_status(answer: str | None, reply_by: datetime, now: datetime, *, reachable: bool) -> ReplyStatus:
    """How an affected appointment stands: answered, waiting for an answer, or to be rung."""
    if answer is not None:
        return ReplyStatus.ANSWERED
    is_awaited = reachable and answer_before(reply_by, now) is not None
    return ReplyStatus.WAITING if is_awaited else ReplyStatus.RING


def holds_seat(answer: str | None, held_until: datetime | None, now: datetime) -> bool:
    """Whether the seat of an offer is still held for its person."""
    return answer is None and held_until is not None and now < held_until
