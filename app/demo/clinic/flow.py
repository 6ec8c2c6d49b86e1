"""The day as it goes: a discrete-event simulation that yields one action after another, and is sent what became of it.

Who is called isn't decided here: a counter asks for the next ticket, and the desk answers with it.
"""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from heapq import heappop, heappush
from typing import Any

from app.demo.clinic.visits import CALLS, Shift, Visit

ANSWER = 1.25
"""Minutes that a counter waits for a person before it calls again."""

REACTION = 0.05
"""Minutes until an idle counter has seen who arrived."""

BETWEEN = 0.4
"""Minutes from the end of a ticket to the next call."""


class Act(StrEnum):
    """What is done at the desk."""

    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    ARRIVE = "arrive"
    CALL_NEXT = "call-next"
    CALL_AGAIN = "call-again"
    SERVE = "serve"
    FINISH = "finish"
    PARK = "park"
    RETURN = "return"
    TRANSFER = "transfer"
    NO_ANSWER = "no-answer"
    GIVE_UP = "give-up"
    REDIRECT = "redirect"
    RECORD = "record"
    """The attention is recorded without the counter having begun it."""


@dataclass(frozen=True, slots=True)
class Action:
    """What is done at a minute of the day, with whom, and at which counter."""

    at: float
    act: Act
    visit: Visit | None = None
    counter: int | None = None
    services: tuple[str, ...] = ()
    """Of a counter that opens."""


Actions = Generator[Action, Visit | None, None]
"""Sent back: the visit that an action took effect on (for `CALL_NEXT`, who comes first); None when it had none. Actions
of counters have none, but for the calls; their answer isn't looked at."""
_Step = Callable[..., Actions]


class Flow:
    """A day of visits and counters. `ask_every`: minutes after which an idle counter asks again, where tickets come
    from elsewhere too."""

    def __init__(self, visits: Iterable[Visit], shifts: Iterable[Shift], *, ask_every: float | None = None) -> None:
        self.now = 0.0
        self._ask_every = ask_every
        self._agenda: list[tuple[float, int, _Step, tuple[Any, ...]]] = []
        self._order = 0
        self._waiting: dict[int, int] = {}
        """By the number of the visit: which of its waits it is."""
        self._idle: dict[int, Shift] = {}
        self._alerted: set[int] = set()
        """Idle counters that have seen someone arrive."""
        self._asks: dict[int, int] = {}
        self._open_shifts = 0
        for shift in shifts:
            self._open_shifts += 1
            self._at(shift.opens, self._open, shift)
        for visit in visits:
            self._at(visit.arrives, self._arrive, visit)

    def actions(self) -> Actions:
        """The actions of the day in their order, until the last counter has closed."""
        while self._agenda and self._open_shifts:
            self.now, _order, step, about = heappop(self._agenda)
            yield from step(*about)

    def _at(self, minute: float, step: _Step, *about: Any) -> None:
        self._order += 1
        heappush(self._agenda, (minute, self._order, step, about))

    def _after(self, minutes: float, step: _Step, *about: Any) -> None:
        self._at(self.now + minutes, step, *about)

    def _open(self, shift: Shift) -> Actions:
        yield Action(self.now, Act.OPEN, counter=shift.counter, services=shift.services)
        for begins, _ends in shift.pauses:
            self._at(begins, self._leave_off, shift)
        self._at(shift.closes, self._leave_off, shift)
        yield from self._next(shift)

    def _leave_off(self, shift: Shift) -> Actions:
        """An idle counter calls, pauses or closes when there is reason to; a busy one, when it is free."""
        self._alerted.discard(shift.counter)
        if self._idle.pop(shift.counter, None) is not None:
            yield from self._next(shift)

    def _next(self, shift: Shift) -> Actions:
        """The counter calls, pauses or closes."""
        if self.now >= shift.closes:
            self._open_shifts -= 1
            yield Action(self.now, Act.CLOSE, counter=shift.counter)
            return
        pause = shift.pause_at(self.now)
        if pause is not None:
            yield Action(self.now, Act.PAUSE, counter=shift.counter)
            self._at(pause[1], self._resume, shift)
            return
        called = yield Action(self.now, Act.CALL_NEXT, counter=shift.counter)
        if called is not None:
            self._waiting.pop(called.number, None)
            self._called(shift, called, 1)
            return
        self._idle[shift.counter] = shift
        if self._ask_every is not None:
            self._order += 1
            self._asks[shift.counter] = self._order
            self._after(self._ask_every, self._ask, shift, self._order)

    def _ask(self, shift: Shift, ask: int) -> Actions:
        if self._asks[shift.counter] == ask:
            yield from self._leave_off(shift)

    def _free(self, shift: Shift) -> None:
        """The counter is done with a ticket, and tidies up before the next."""
        self._after(BETWEEN, self._next, shift)

    def _resume(self, shift: Shift) -> Actions:
        yield Action(self.now, Act.RESUME, counter=shift.counter)
        yield from self._next(shift)

    def _arrive(self, visit: Visit) -> Actions:
        if (yield Action(self.now, Act.ARRIVE, visit)) is not None:
            self._wait(visit)

    def _wait(self, visit: Visit) -> None:
        """The person waits, until a counter calls them or they give up."""
        self._order += 1
        self._waiting[visit.number] = self._order
        self._after(visit.patience, self._give_up, visit, self._order)
        free = (n for n, shift in self._idle.items() if n not in self._alerted and shift.may_call(visit))
        idle = min(free, default=None)
        if idle is not None:
            self._alerted.add(idle)
            self._after(REACTION, self._leave_off, self._idle[idle])

    def _give_up(self, visit: Visit, wait: int) -> Actions:
        if self._waiting.get(visit.number) == wait:
            del self._waiting[visit.number]
            yield Action(self.now, Act.GIVE_UP, visit)

    def _called(self, shift: Shift, visit: Visit, calls: int) -> None:
        if calls == visit.answers:
            self._after(visit.walk, self._come, shift, visit)
        elif calls < CALLS:
            self._after(ANSWER, self._again, shift, visit, calls + 1)
        else:
            self._after(ANSWER, self._end, shift, visit, Act.NO_ANSWER)

    def _again(self, shift: Shift, visit: Visit, calls: int) -> Actions:
        if (yield self._action(Act.CALL_AGAIN, shift, visit)) is None:
            self._free(shift)
        else:
            self._called(shift, visit, calls)

    def _come(self, shift: Shift, visit: Visit) -> Actions:
        """The person stands at the counter."""
        if visit.back_after:
            yield from self._park(shift, visit)
        elif visit.is_redirected:
            yield from self._end(shift, visit, Act.REDIRECT)
        elif visit.is_unended:
            self._after(visit.minutes, self._end, shift, visit, Act.RECORD)
        elif (yield self._action(Act.SERVE, shift, visit)) is None:
            self._free(shift)
        elif visit.sent_to is not None:
            self._after(visit.minutes, self._send_on, shift, visit)
        else:
            self._after(visit.minutes, self._end, shift, visit, Act.FINISH)

    def _park(self, shift: Shift, visit: Visit) -> Actions:
        if (yield self._action(Act.PARK, shift, visit)) is not None:
            self._after(visit.back_after, self._come_back, replace(visit, back_after=0.0, answers=1))
        self._free(shift)

    def _come_back(self, visit: Visit) -> Actions:
        if (yield Action(self.now, Act.RETURN, visit)) is not None:
            self._wait(visit)

    def _send_on(self, shift: Shift, visit: Visit) -> Actions:
        assert visit.sent_to is not None
        moved = replace(
            visit,
            service=visit.sent_to,
            minutes=visit.sent_minutes,
            room=None,
            sent_to=None,
            answers=1,
            is_unended=False,
        )
        if (yield self._action(Act.TRANSFER, shift, moved)) is not None:
            self._wait(moved)
        self._free(shift)

    def _end(self, shift: Shift, visit: Visit, act: Act) -> Actions:
        yield self._action(act, shift, visit)
        self._free(shift)

    def _action(self, act: Act, shift: Shift, visit: Visit) -> Action:
        return Action(self.now, act, visit, shift.counter)
