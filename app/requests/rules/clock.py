"""The legal clock and every term that is counted with it: working days, stopped while the citizen owes something; the
order of the queue; until when a refusal can be challenged and an approval undone. Pure.

Working days leave out Saturdays, Sundays and days of rest (Ley Federal del Trabajo, art. 74, and the agency's own).
The day something happens doesn't count: the first working day after it is day one (Ley Federal de Procedimiento
Administrativo, art. 38). A notification takes effect the next working day (Código Fiscal de la Federación, art. 135),
and a term in working days begins on the one after: of what was notified on 20 April 2027, day 15 is 13 May, since 5 May
doesn't count (CFF art. 12). A term in years runs from the notification itself (Ley Federal del Trabajo, art. 516).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from app.catalog.challenges import Means

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


OLDER_FROM, SMALL_CHILD_UNTIL = 60, 5
"""Sixty: Ley de los Derechos de las Personas Adultas Mayores, art. 3. Five: early childhood, art. 4 of its general law
is six; the agency's paediatric programmes end at five."""
PRIORITY_DAYS = {"disability": 3, "older": 2, "small-child": 1}
"""Days by which a deadline is brought forward in the queue. The agency's choice; the due date shown doesn't change."""


def priority_days(age: int, answers: Mapping[str, Any]) -> int:
    """Return the priority days for a person of this age and with these answers; the greatest that applies."""
    causes = []
    if answers.get("disability") is True or answers.get("situation") == "disability":
        causes.append("disability")
    if age >= OLDER_FROM:
        causes.append("older")
    if age < SMALL_CHILD_UNTIL:
        causes.append("small-child")
    return max((PRIORITY_DAYS[cause] for cause in causes), default=0)


def rank(due_on: date, days: int) -> date:
    """The day the queue is ordered by."""
    return due_on - timedelta(days=days)


def takes_effect_on(notified_on: date, days_off: Collection[date], *, effect_working_days: int) -> date:
    """The day on which a notification takes effect."""
    return add_working_days(notified_on, effect_working_days, days_off)


def last_working_day(
    notified_on: date, working_days: int, days_off: Collection[date], *, effect_working_days: int
) -> date:
    """The last working day of a term that begins when a notification takes effect."""
    effect = takes_effect_on(notified_on, days_off, effect_working_days=effect_working_days)
    return add_working_days(effect, working_days, days_off)


@dataclass(frozen=True, slots=True)
class Term:
    """A means of challenge with its last day."""

    means: Means
    last_day: date

    def is_open(self, today: date) -> bool:
        """Whether it can still be used on a day."""
        return today <= self.last_day


def terms_of(
    means: Iterable[Means], notified_on: date, days_off: Collection[date], *, effect_working_days: int
) -> list[Term]:
    """The last day of each means, counted from the day of the notification."""
    return [Term(one, _last_day(one, notified_on, days_off, effect_working_days)) for one in means]


def _last_day(means: Means, notified_on: date, days_off: Collection[date], effect_working_days: int) -> date:
    if means.working_days is not None:
        return last_working_day(notified_on, means.working_days, days_off, effect_working_days=effect_working_days)
    if means.years is None:
        raise ValueError(f"the means {means.id!r} has no term")
    return notified_on + relativedelta(years=means.years)  # from 29 February to the 28th: the surer day


def asked_late(spent_days: int, target_days: int, first_part: int) -> bool:
    """Whether asking for something after `spent_days` working days of a term is outside its first part (3: its first
    third). Ley Federal de Procedimiento Administrativo, art. 17-A."""
    return spent_days * first_part > target_days


UNDO_MINUTES = 10
"""Long enough to notice a wrong click, short enough that nothing rests on the approval yet: its certificate is given
afterwards. Time of the agency's choice."""


def undo_until(decided_at: datetime) -> datetime:
    """The last moment to undo what was approved at this one."""
    return decided_at + timedelta(minutes=UNDO_MINUTES)


def certified_from(decided_at: datetime) -> datetime:
    """When the document of what was approved at this moment is given: a minute after the last undo, which has ended by
    then."""
    return undo_until(decided_at) + timedelta(minutes=1)
