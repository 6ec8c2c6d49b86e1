"""What voluntary insurances cost, what sick leave pays, who comes first for a nursery. Pure; figures are parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")
ILLNESS_SHARE, WHOLE_SHARE = Decimal("0.60"), Decimal(1)
ILLNESS_FROM_DAY = 4


def monthly_fee(daily_wage: Decimal, rate_percent: Decimal, days: Decimal) -> Decimal:
    """Pesos a month: the wage of a month times the rate."""
    return (daily_wage * days * rate_percent / 100).quantize(CENT, ROUND_HALF_UP)


def fee_by_age(age: int, table: Iterable[tuple[int, int]]) -> Decimal:
    """Pesos a year for a person: the row of the greatest age not above theirs."""
    return Decimal(max((row for row in table if row[0] <= age), key=lambda row: row[0])[1])


@dataclass(frozen=True, slots=True)
class Leave:
    """A sick leave: kind, days, daily wage, and the weeks contributed before it that the law counts."""

    kind: str
    days: int
    daily_wage: Decimal
    weeks_before: int


WEEKS_NEEDED = {"illness": 4, "work-risk": 0, "maternity": 30}
"""LSS art. 97 (four weeks), art. 102 (thirty in the twelve months before); a work risk needs none (art. 58)."""


def paid_days(leave: Leave) -> int:
    """Days the agency pays: from the fourth for an illness (LSS art. 96), all for work risk and maternity."""
    if leave.weeks_before < WEEKS_NEEDED[leave.kind]:
        return 0
    return max(0, leave.days - ILLNESS_FROM_DAY + 1) if leave.kind == "illness" else leave.days


def leave_payment(leave: Leave) -> Decimal:
    """Pesos: 60 % of the last daily wage for an illness (art. 98), all of it otherwise (arts. 58 and 101)."""
    share = ILLNESS_SHARE if leave.kind == "illness" else WHOLE_SHARE
    return (leave.daily_wage * share * paid_days(leave)).quantize(CENT, ROUND_HALF_UP)


def nursery_points(answers: Mapping[str, Any], points: Mapping[str, int]) -> int:
    """Points for the wait list: those of each answer that is yes."""
    return sum(worth for name, worth in points.items() if answers.get(name) is True)
