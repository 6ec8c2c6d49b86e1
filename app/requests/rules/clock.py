"""The legal clock: working days, stopped while the citizen owes something. Pure.

Working days leave out Saturdays, Sundays and days of rest (Ley Federal del Trabajo, art. 74, and the agency's own).
The day something happens doesn't count: the first working day after it is day one (Ley Federal de Procedimiento
Administrativo, art. 38).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def is_working(day: date, days_off: Collection[date]) -> bool:
    """Whether the agency works that day."""
    return day.weekday() < SATURDAY and day not in days_off


def add_working_days(day: date, count: int, days_off: Collection[date]) -> date:
    """The day `count` working days after `day`; `day` itself for none."""
    for _ in range(count):
        day += ONE_DAY
        while not is_working(day, days_off):
            day += ONE_DAY
    return day


def working_days_between(first: date, last: date, days_off: Collection[date]) -> int:
    """Working days after `first`, up to and with `last`; none when `last` isn't later."""
    return sum(is_working(first + timedelta(days=n), days_off) for n in range(1, (last - first).days + 1))


@dataclass(frozen=True, slots=True)
class Clock:
    """`spent` of `target` working days are used; it runs since a day, or stands still. `due_on` is null while it does,
    unless it had run out before: a breach isn't healed by a pause."""

    target: int
    spent: int = 0
    running_since: date | None = None
    due_on: date | None = None

    @property
    def left(self) -> int:
        return max(0, self.target - self.spent)

    def is_breached(self, day: date) -> bool:
        return self.due_on is not None and self.due_on < day


def start(target: int, day: date, days_off: Collection[date]) -> Clock:
    """A clock that begins to run on a day."""
    return Clock(target, 0, day, add_working_days(day, target, days_off))


def stop(clock: Clock, day: date, days_off: Collection[date]) -> Clock:
    """The clock standing still from a day on; one that stands still already stays as it is."""
    if clock.running_since is None:
        return clock
    spent = clock.spent + working_days_between(clock.running_since, day, days_off)
    return replace(clock, spent=spent, running_since=None, due_on=clock.due_on if clock.is_breached(day) else None)


def resume(clock: Clock, day: date, days_off: Collection[date]) -> Clock:
    """The clock running again from a day on, with the days it had left."""
    if clock.running_since is not None:
        return clock
    due_on = clock.due_on or add_working_days(day, clock.left, days_off)
    return replace(clock, running_since=day, due_on=due_on)
