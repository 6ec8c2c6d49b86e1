"""Until when a refusal can be challenged: when its notification takes effect, and the last day of each means. Pure.

A notification takes effect the next working day (Código Fiscal de la Federación, art. 135), and a term in working days
begins on the one after: of what was notified on 20 April 2027, day 15 is 13 May, since 5 May doesn't count (CFF
art. 12). A term in years runs from the notification itself (Ley Federal del Trabajo, art. 516).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from app.catalog.challenges import Means
from app.requests.rules.clock import add_working_days


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
    assert means.years is not None
    return notified_on + relativedelta(years=means.years)  # from 29 February to the 28th: the surer day


def asked_late(spent_days: int, target_days: int, first_part: int) -> bool:
    """Whether asking for something after `spent_days` working days of a term is outside its first part (3: its first
    third). Ley Federal de Procedimiento Administrativo, art. 17-A."""
    return spent_days * first_part > target_days


def open_terms(terms: Sequence[Term], today: date) -> list[Term]:
    """Those that can still be used on a day."""
    return [one for one in terms if one.is_open(today)]
