"""When a person's rights are in force, and how many weeks they have contributed. Pure.

Ley del Seguro Social, art. 109: who stops working after at least eight uninterrupted weekly contributions keeps the
right to medical care, and to nothing else, for themselves and their beneficiaries, during the eight weeks after
(text of DOF 1995-12-21). The contributions are those of one person. Both numbers, and the ages of children, are figures
of law (`app/law/figures.yaml`) that the callers give.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days of affiliation, both ends included; still open while `ends_on` is None."""

    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Conservation:
    """The weeks without interruption that conserve rights, and the weeks that they last afterwards (LSS art. 109)."""

    needed: int
    weeks: int


Reason = Literal["affiliated", "pensioner", "insured", "conserved", "ended", "never"]


@dataclass(frozen=True, slots=True)
class InForce:
    """Whether rights are in force on a day, until which day (None: no end known), and by what."""

    is_in_force: bool
    until: date | None
    reason: Reason


def merge_periods(periods: Iterable[Period]) -> list[Period]:
    """The periods without overlaps, in order; those that touch are one, since nothing interrupts them."""
    whole: list[Period] = []
    for period in sorted(periods, key=lambda p: p.starts_on):
        last = whole[-1] if whole else None
        if last is not None and (last.ends_on is None or period.starts_on <= last.ends_on + ONE_DAY):
            whole[-1] = Period(last.starts_on, _later(last.ends_on, period.ends_on))
        else:
            whole.append(period)
    return whole


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def in_force(periods: Iterable[Period], day: date, conservation: Conservation) -> InForce:
    """Whether the rights of one person by their own work are in force on this day (LSS art. 109): affiliated then, or
    within the weeks of conservation after a stretch of enough weekly contributions without interruption.

    Weeks count as art. 20 says, so 53 days are eight. A later, shorter job doesn't remove what an earlier one
    conserved. Periods of two people must never be given together: see `best_of`.
    """
    until: date | None = None
    last: Period | None = None
    for period in merge_periods(periods):
        if period.starts_on > day:
            break
        if period.ends_on is None or period.ends_on >= day:
            return InForce(True, period.ends_on, "affiliated")
        last = period
        if weeks_of((period.ends_on - period.starts_on).days + 1) >= conservation.needed:
            until = period.ends_on + timedelta(weeks=conservation.weeks)
    if last is None:
        return InForce(False, None, "never")
    if until is not None and day <= until:
        return InForce(True, until, "conserved")
    return InForce(False, max(end for end in (last.ends_on, until) if end is not None), "ended")


def in_force_while(periods: Iterable[Period], day: date, reason: Reason) -> InForce:
    """Rights that last exactly as long as what gives them, such as a pension: nothing is conserved afterwards."""
    last: Period | None = None
    for period in merge_periods(periods):
        if period.starts_on > day:
            break
        if period.ends_on is None or period.ends_on >= day:
            return InForce(True, period.ends_on, reason)
        last = period
    return InForce(False, last.ends_on, "ended") if last is not None else InForce(False, None, "never")


def limit_until(rights: InForce, last: date | None) -> InForce:
    """The rights of a holder as a dependant has them, whose registration ends on a last day (None: no end known)."""
    if not rights.is_in_force or last is None or (rights.until is not None and rights.until <= last):
        return rights
    return replace(rights, until=last)


def best_of(found: Iterable[InForce]) -> InForce:
    """Of the rights a person has, each whole on its own, those in force for longest; else those that ended last."""
    return max(found, key=_rank, default=InForce(False, None, "never"))


def _rank(rights: InForce) -> tuple[bool, date, bool]:
    endless = rights.is_in_force and rights.until is None
    return rights.is_in_force, date.max if endless else rights.until or date.min, rights.reason != "conserved"


COUPLE = ("spouse", "civil-union", "partner")
"""Kinships of which a holder has one at a time: LSS arts. 5-A XII and 84 III and IV (DOF 2023-01-20)."""
CHILDREN = ("child", "ward")
"""A holder's own children, and minors in their care by a court's order, who have the same rights: LSS art. 84 V to VII
(DOF 2024-06-07)."""
KINSHIPS = (*COUPLE, *CHILDREN, "parent")


@dataclass(frozen=True, slots=True)
class Ages:
    """The birthdays before which a child is covered, and a student: LSS art. 84 V and VI."""

    child_until: int
    student_until: int


def last_day_covered(
    kinship: str,
    birth_on: date,
    ages: Ages,
    *,
    ends_on: date | None,
    situation: str | None,
    studies_until: date | None,
) -> date | None:
    """The last day on which a dependant is covered; None for no end known.

    A child is covered until the eve of a birthday (the 16th); who studies, until the day the proof of studies says, or
    the eve of another (the 25th) at the latest; who can't support themselves for a disability, without an end. That the
    25th birthday itself isn't covered is our reading of "hasta la edad de veinticinco años". An end of the registration
    itself comes first.
    """
    if kinship not in CHILDREN or situation == "disability":
        return ends_on
    last = birthday(birth_on, ages.child_until) - ONE_DAY
    if situation == "studies":
        eve = birthday(birth_on, ages.student_until) - ONE_DAY
        last = max(last, min(studies_until or eve, eve))
    return min(ends_on or last, last)


def birthday(birth_on: date, years: int) -> date:
    """The day a person reaches an age in years; for who was born on 29 February, on 1 March of other years."""
    try:
        return birth_on.replace(year=birth_on.year + years)
    except ValueError:
        return date(birth_on.year + years, 3, 1)


WEEK = 7
MAX_REMAINDER_DAYS = 3


def contribution_days(periods: Iterable[Period], first: date, last: date) -> int:
    """Days with at least one affiliation between two days, both included: overlaps count once, gaps don't."""
    total = 0
    for period in merge_periods(periods):
        starts_on, ends_on = max(period.starts_on, first), min(period.ends_on or last, last)
        total += max(0, (ends_on - starts_on).days + 1)
    return total


def weeks_of(days: int) -> int:
    """Whole weeks in a number of days; a remainder of more than three days counts as one more.

    Source: Ley del Seguro Social, art. 20. It says what a week of contributions is, and is no figure of a year.
    """
    whole, left_over = divmod(max(days, 0), WEEK)
    return whole + (left_over > MAX_REMAINDER_DAYS)


def contribution_weeks(periods: Iterable[Period], until: date, withdrawn: int = 0) -> int:
    """Weeks contributed up to a day, less those given up by partial withdrawals (art. 198); never below zero."""
    return max(0, weeks_of(contribution_days(periods, date.min, until)) - withdrawn)


@dataclass(frozen=True, slots=True)
class Job:
    """A period of work, its daily wage where it is known, and whether the worker is a casual one (LSS art. 97)."""

    period: Period
    daily_wage: Decimal | None = None
    is_casual: bool = False

    def is_held_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.period.starts_on <= day and (self.period.ends_on is None or day <= self.period.ends_on)


def last_wage(jobs: Iterable[Job], day: date, *, is_sum: bool) -> Decimal | None:
    """The daily wage at leaving work, or today's: of the jobs held on the last day worked up to a day, their sum (LSS
    art. 33, by analogy) or the greatest; None where no wage is known."""
    begun = [one for one in jobs if one.period.starts_on <= day]
    last = max((min(one.period.ends_on or day, day) for one in begun), default=day)
    wages = [one.daily_wage for one in begun if one.is_held_on(last) and one.daily_wage is not None]
    if not wages:
        return None
    return sum(wages, Decimal(0)) if is_sum else max(wages)


def age_on(birth_on: date, day: date) -> int:
    """Full years on a day; born on 29 February, a year older on 1 March of other years."""
    had_birthday = (day.month, day.day) >= (birth_on.month, birth_on.day)
    return day.year - birth_on.year - (not had_birthday)
