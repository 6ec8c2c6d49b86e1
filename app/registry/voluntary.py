"""When an insurance that a person pays for themselves gives rights or weeks: once it is paid. Pure.

The family insurance gives medical care and no weeks (LSS arts. 240 to 245); the voluntary continuation, modality 40,
gives weeks and no medical care (arts. 218 to 220, and 109 for what is conserved).
"""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from app.registry.rules import ONE_DAY, Period


def first_of_next_month(day: date) -> date:
    """The first day of the month after."""
    return day.replace(day=1) + relativedelta(months=1)


def family_cover(starts_on: date, paid_on: date) -> Period:
    """The days that a paid policy of the family insurance covers: a year from the day agreed, or from the first of the
    month after the payment where it was paid later (LSS art. 242; Reglamento en materia de afiliación, arts. 95 to 100:
    that a late payment moves the beginning is our reading)."""
    first = max(starts_on, first_of_next_month(paid_on))
    return Period(first, first + relativedelta(months=12) - ONE_DAY)


def continuation_start(asked_on: date, left_on: date | None, *, after_leaving: bool) -> date:
    """The first day of modality 40, as the insured chooses: that of the request, or the day after the last day worked,
    paying the months between (Reglamento de la LSS en materia de afiliación, art. 66)."""
    return left_on + ONE_DAY if after_leaving and left_on is not None else asked_on


def months_due(starts_on: date, day: date) -> int:
    """Months to pay from the first day to that of another day, both included."""
    return max(0, (day.year - starts_on.year) * 12 + day.month - starts_on.month + 1)


def months_to_pay(starts_on: date, day: date) -> list[date]:
    """The months to pay from the first day to that of another day, both included, by their first days."""
    return [starts_on.replace(day=1) + relativedelta(months=number) for number in range(months_due(starts_on, day))]


def continuation_cover(
    starts_on: date, months: Iterable[date], work: Iterable[Period], unpaid_months: int
) -> list[Period]:
    """The days contributed by modality 40: of each month paid (any day of it), from the day agreed on.

    It ends on the eve of new work (LSS art. 220 III) and, with `unpaid_months` in a row unpaid (two), with what was
    paid before (II); a month paid after the end gives nothing.
    """
    agreed = starts_on.replace(day=1)
    paid = sorted({month.replace(day=1) for month in months if month.replace(day=1) >= agreed})
    again = min((one.starts_on for one in work if one.starts_on > starts_on), default=None)
    cover = []
    for before, month in pairwise([agreed + relativedelta(months=-1), *paid]):
        if before + relativedelta(months=unpaid_months) < month:
            break
        first, last = max(month, starts_on), month + relativedelta(months=1) - ONE_DAY
        if again is not None:
            last = min(last, again - ONE_DAY)
        if first <= last:
            cover.append(Period(first, last))
    return cover
