"""The line that a ticket stands in, from what is known of a unit at an instant: who is ahead, at which counters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.desk.rules.forecast import Ahead, Expected, Line, OpenCounter, TimeAtCounter
from app.desk.rules.turns import Turn, call_order

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StaffedCounter:
    """A counter that is open: what it attends, and since when it has a ticket of which service."""

    number: int
    services: Sequence[str]
    with_service: str | None = None
    called_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandsInLine:
    """A ticket that waits. `key` is its own; `room`: the only one that may call it."""

    key: int
    service: str
    letter: str
    number: int
    turn: Turn
    room: int | None = None


@dataclass(frozen=True, slots=True)
class IsAwaited:
    """An appointment whose person hasn't come. `room`: the only one that may call them."""

    key: int
    service: str
    due_at: datetime
    room: int | None = None


def line_of_ticket(
    mine: StandsInLine,
    counters: Sequence[StaffedCounter],
    waiting: Iterable[StandsInLine],
    awaited: Iterable[IsAwaited],
    takes: Mapping[str, TimeAtCounter],
    now: datetime,
) -> Line:
    """Return what stands between a ticket and its call. Of who may also be called by other counters, the share of the
    ticket's own counts; appointments do that are before its place."""
    my_counters = _may_call(counters, mine.service, mine.room)
    my_order = _order(mine, now)
    ahead, expected = [], []
    for one in sorted(waiting, key=lambda ticket: _order(ticket, now)):
        share = _share(my_counters, _may_call(counters, one.service, one.room))
        if one.key != mine.key and share > 0 and _order(one, now) < my_order:
            ahead.append(Ahead(one.key, takes[one.service], share))
    for person in awaited:
        share = _share(my_counters, _may_call(counters, person.service, person.room))
        if share > 0 and person.due_at < mine.turn.rank_at:
            expected.append(Expected(person.key, takes[person.service], (person.due_at - now) / MINUTE, share))
    return Line([_counter(one, takes, now) for one in counters if one.number in my_counters], ahead, expected)


def _order(ticket: StandsInLine, now: datetime) -> tuple[bool, datetime, int, str]:
    return (*call_order(ticket.turn, ticket.number, now), ticket.letter)


def _may_call(counters: Sequence[StaffedCounter], service: str, room: int | None) -> set[int]:
    return {one.number for one in counters if service in one.services and room in {None, one.number}}


def _share(mine: set[int], theirs: set[int]) -> float:
    return len(mine & theirs) / len(theirs) if theirs else 0.0


def _counter(one: StaffedCounter, takes: Mapping[str, TimeAtCounter], now: datetime) -> OpenCounter:
    if one.called_at is None or one.with_service is None:
        return OpenCounter(one.number)
    return OpenCounter(one.number, max(0.0, (now - one.called_at) / MINUTE), takes[one.with_service])
