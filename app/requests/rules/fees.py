"""What voluntary insurances cost, and who comes first for a nursery. Pure; figures are parameters."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CENT = Decimal("0.01")


def monthly_fee(daily_wage: Decimal, rate_percent: Decimal, days: Decimal) -> Decimal:
    """Pesos a month: the wage of a month times the rate."""
    return (daily_wage * days * rate_percent / 100).quantize(CENT, ROUND_HALF_UP)


def fee_by_age(age: int, table: Iterable[tuple[int, Decimal]]) -> Decimal:
    """Pesos a year for a person: the row of the greatest age not above theirs."""
    return Decimal(max((row for row in table if row[0] <= age), key=lambda row: row[0])[1])


@dataclass(frozen=True, slots=True)
class MonthlyFee:
    """The fee of the months of a year, which all have one rate."""

    year: int
    months: int
    fee: Decimal


def monthly_fees(
    daily_wage: Decimal, months: Iterable[date], rate_on: Callable[[date], Decimal], days_on: Callable[[date], Decimal]
) -> list[MonthlyFee]:
    """The fee of each month (its first day), by the rate and the days of a month in force then; by year."""
    by_fee: dict[tuple[int, Decimal], int] = {}
    for month in months:
        key = (month.year, monthly_fee(daily_wage, rate_on(month), days_on(month)))
        by_fee[key] = by_fee.get(key, 0) + 1
    return [MonthlyFee(year, count, fee) for (year, fee), count in sorted(by_fee.items())]


def nursery_points(answers: Mapping[str, Any], points: Mapping[str, int]) -> int:
    """Points for the wait list: those of each answer that is yes."""
    return sum(worth for name, worth in points.items() if answers.get(name) is True)
