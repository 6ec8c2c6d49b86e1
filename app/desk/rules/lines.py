"""The line that a ticket stands in, from what is known of a unit at an instant: who is ahead, at which counters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.desk.rules.forecast import Ahead, Expected, Line, OpenCounter, TimeAtCounter
from app.desk.rules.turns import Turn, call_order

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StaffedCounter:
    """A counter that is open or paused: what it attends, and since when it has a ticket of which service."""

    number: int
    services: Sequence[str]
    with_service: str | None = None
    called_at: datetime | None = None
    is_paused: bool = False


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
    """Return what stands between a ticket and its call: those called before it, appointments before its place, and the
    counters that may call any of these or the ticket. None of them may call it: an empty line without counters."""
    mine_at = _may_call(counters, mine.service, mine.room)
    if not mine_at:
        return Line([], [])
    my_order = _order(mine, now)
    ahead = [
        (one, _may_call(counters, one.service, one.room))
        for one in sorted(waiting, key=lambda ticket: _order(ticket, now))
        if one.key != mine.key and _order(one, now) < my_order
    ]
    expected = [(one, _may_call(counters, one.service, one.room)) for one in awaited if one.due_at < mine.turn.rank_at]
    near = _reached(mine_at, [at for _one, at in (*ahead, *expected)])
    place = {one.number: number for number, one in enumerate(one for one in counters if one.number in near)}

    def places(at: set[int]) -> tuple[int, ...] | None:
        return None if at == near else tuple(sorted(place[number] for number in at))

    return Line(
        [_counter(one, takes, now) for one in counters if one.number in near],
        [Ahead(one.key, takes[one.service], places(at)) for one, at in ahead if at and at <= near],
        [
            Expected(one.key, takes[one.service], (one.due_at - now) / MINUTE, places(at))
            for one, at in expected
            if at and at <= near
        ],
        places(mine_at),
    )


def _reached(mine: set[int], others: Sequence[set[int]]) -> set[int]:
    """The counters whose work may change who comes to one of mine."""
    near, before = set(mine), set[int]()
    while near != before:
        before = set(near)
        for at in others:
            if at & near:
                near |= at
    return near


def _order(ticket: StandsInLine, now: datetime) -> tuple[bool, datetime, int, str]:
    return (*call_order(ticket.turn, ticket.number, now), ticket.letter)


def _may_call(counters: Sequence[StaffedCounter], service: str, room: int | None) -> set[int]:
    return {one.number for one in counters if service in one.services and room in {None, one.number}}


def _counter(one: StaffedCounter, takes: Mapping[str, TimeAtCounter], now: datetime) -> OpenCounter:
    if one.called_at is None or one.with_service is None:
        return OpenCounter(one.number, is_paused=one.is_paused)
    busy_for = max(0.0, (now - one.called_at) / MINUTE)
    return OpenCounter(one.number, busy_for, takes[one.with_service], one.is_paused)
