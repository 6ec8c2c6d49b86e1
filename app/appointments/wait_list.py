"""Who is offered a freed seat before the public is: whom it fits, in which order, for how long. Pure.

The values are the agency's own, and published (docs/messages.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from app.places.rules import SLEEPS, WAKES

MIN_NOTICE = timedelta(hours=2)
"""What begins sooner is for the public and for who waits at the unit: it isn't offered to the list."""
MAX_NOTICE = timedelta(hours=168)
OFFER_LIFE = timedelta(minutes=30)
MIN_OFFER_LIFE = timedelta(minutes=10)
LOOK_WITHIN = timedelta(minutes=5)
"""How long a seat stays reserved for the list without anyone looking at it: then it is the public's by itself."""
NOON_AFTER = timedelta(hours=4)
"""From waking up to noon: what begins until then is offered in the night before."""
MAX_IGNORED = 3
LASTS = timedelta(days=60)
"""How long an entry without an appointment lasts after its person last changed it."""
ODDS_DAYS = timedelta(days=90)
MIN_ENTRIES = 20
"""Of fewer entries no share is shown."""
EVERY_DAY = frozenset(range(1, 8))


class EntryStatus(StrEnum):
    """The status of an entry of the wait list."""

    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is offered until its person resumes it: they ignored three offers, or no message reaches them."""
    ENDED = "ended"


class EndReason(StrEnum):
    """Why an entry ended."""

    ACCEPTED = "accepted"
    LEFT = "left"
    APPOINTMENT_OVER = "appointment-over"
    APPOINTMENT_CANCELLED = "appointment-cancelled"
    BOOKED_ELSEWHERE = "booked-elsewhere"
    NOT_ELIGIBLE = "not-eligible"
    EXPIRED = "expired"
    DRAW_OVER = "draw-over"
    """The offer of a draw ended without acceptance, or the draw did."""


class OfferAnswer(StrEnum):
    """How an offer ended."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNREACHABLE = "unreachable"
    """No message could reach the person."""
    WITHDRAWN = "withdrawn"
    """The seat was closed, or the entry ended or changed."""


class Outcome(StrEnum):
    """What became of a freed seat."""

    ACCEPTED = "accepted"
    RETURNED = "returned"
    """No one whom it fits was left to ask: the public has it."""
    TAKEN = "taken"
    """Who had it took it back, or it was closed."""


class Need(StrEnum):
    """The class of need of an entry."""

    AFFECTED = "affected"
    """The unit can't attend the appointment that they have."""
    WITHOUT = "without"
    """They have no appointment in the service."""
    EARLIER = "earlier"
    """They have one, and ask for an earlier one."""


NEED_ORDER = (Need.AFFECTED, Need.WITHOUT, Need.EARLIER)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which times a person would take: on these ISO weekdays, in this shift and room (any, when None), and known at
    least this long before."""

    weekdays: frozenset[int] = EVERY_DAY
    shift: str | None = None
    notice: timedelta = timedelta(hours=24)
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An active entry without an open offer. `has`: when the appointment begins that the person has in the service;
    `asked`: times that they were offered before. Of a registration for a draw, its `place` among `of`."""

    id: UUID
    person_id: UUID
    wish: Wish
    asked_at: datetime
    has: datetime | None = None
    is_affected: bool = False
    asked: frozenset[datetime] = field(default_factory=frozenset)
    place: int = 0
    of: int = 0

    @property
    def need(self) -> Need:
        """The class of need."""
        if self.has is None:
            return Need.WITHOUT
        return Need.AFFECTED if self.is_affected else Need.EARLIER


@dataclass(frozen=True, slots=True)
class FreedTime:
    """The time of a freed seat; `freed_by`: the person who had it."""

    start_at: datetime
    on_date: date
    shift: str
    room: int
    freed_by: UUID | None = None


def fits(entry: Waiting, time_: FreedTime, now: datetime) -> bool:
    """Whether a person may be asked now about a time, by what they wish and have. The rules of booking are another
    matter. An affected appointment is replaced by any time, another by an earlier one only."""
    wish = entry.wish
    return (
        time_.on_date.isoweekday() in wish.weekdays
        and wish.shift in (None, time_.shift)
        and wish.room in (None, time_.room)
        and life_of(time_.start_at, wish.notice, now) is not None
        and (entry.has is None or entry.is_affected or time_.start_at < entry.has)
        and entry.person_id != time_.freed_by
        and time_.start_at not in entry.asked
    )


def in_order(entries: Iterable[Waiting]) -> list[Waiting]:
    """Entries in the published order: class of need, then time of asking, then id."""
    return sorted(entries, key=lambda one: (NEED_ORDER.index(one.need), one.asked_at, one.id))


def to_ask(entries: Iterable[Waiting], time_: FreedTime, now: datetime) -> list[Waiting]:
    """Whom a time can be offered to now, in order."""
    return in_order(one for one in entries if fits(one, time_, now))


def life_of(start_at: datetime, notice: timedelta, now: datetime) -> timedelta | None:
    """How long an offer would last: half an hour, or what is left before the notice that the person needs; None where
    that is too short to answer."""
    left = start_at - max(notice, MIN_NOTICE) - now
    return min(OFFER_LIFE, left) if left >= MIN_OFFER_LIFE else None


def expiry_of(start_at: datetime, notice: timedelta, now: datetime, zone: str) -> datetime | None:
    """When an offer made now expires: in waking hours also by the end of these. None: it isn't made now."""
    life = life_of(start_at, notice, now)
    if life is None or asks_at(start_at, now, zone) != now:
        return None
    return min(now + life, _sleeps_at(now, zone)) if is_waking(now, zone) else now + life


def is_waking(now: datetime, zone: str) -> bool:
    """Whether people are asked at this instant: in the waking hours of the unit, with time left to answer in them."""
    at = now.astimezone(ZoneInfo(zone))
    return at.time() >= WAKES and _sleeps_at(now, zone) - now >= MIN_OFFER_LIFE


def asks_at(start_at: datetime, now: datetime, zone: str) -> datetime:
    """When people are asked about a time: now, or in the morning. At night only about what begins until noon of the
    next waking day."""
    if is_waking(now, zone):
        return now
    morning = _wakes_after(now, zone)
    return now if start_at <= morning + NOON_AFTER else morning


def _sleeps_at(now: datetime, zone: str) -> datetime:
    """When people of this day go to sleep."""
    return _at(now.astimezone(ZoneInfo(zone)), SLEEPS)


def _wakes_after(now: datetime, zone: str) -> datetime:
    """When people wake next."""
    at = now.astimezone(ZoneInfo(zone))
    return _at(at if at.time() < WAKES else at + timedelta(days=1), WAKES)


def _at(day: datetime, hour: time) -> datetime:
    """An hour of the day of an instant, by its clock."""
    return day.replace(hour=hour.hour, minute=hour.minute, second=hour.second, microsecond=0).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Ask:
    """Offer the seat to the first of these whom the rules of booking let have it."""

    order: list[Waiting]


@dataclass(frozen=True, slots=True)
class Wait:
    """Ask in the morning; until then the seat stays reserved."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """The public has it: no one is left to ask."""


def next_step(entries: Collection[Waiting], time_: FreedTime, now: datetime, zone: str) -> Ask | Wait | Release:
    """What is done with a freed seat that no one is being asked about."""
    at = asks_at(time_.start_at, now, zone)
    order = to_ask(entries, time_, at)
    if not order:
        return Release()
    return Ask(order) if at == now else Wait(at)


@dataclass(frozen=True, slots=True)
class After:
    """An entry after its offer ended without acceptance: offers ignored in a row, and whether it is paused."""

    ignored: int
    is_paused: bool


def after_answer(ignored: int, answer: OfferAnswer, made_at: datetime, zone: str) -> After:
    """What an offer's end means for its entry. Silence counts in waking hours only; who can't be reached is paused at
    once; any answer begins the count again."""
    if answer is OfferAnswer.UNREACHABLE:
        return After(ignored, is_paused=True)
    if answer is OfferAnswer.DECLINED:
        return After(0, is_paused=False)
    if answer is OfferAnswer.EXPIRED and is_waking(made_at, zone):
        return After(ignored + 1, is_paused=ignored + 1 >= MAX_IGNORED)
    return After(ignored, is_paused=False)


def odds_of(filled: int, entries: int) -> float | None:
    """The share of ended entries that got a time; None when they are too few."""
    return filled / entries if entries >= MIN_ENTRIES else None
