"""Limits on figures of law: integer or not, minimum and maximum, or a list of choices. Pure.

A value outside the limits is a typing error, never a law: rules compute with days and years, and calendars end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from app.law.rules import Figure, Table

Unit = Literal[
    "pesos-a-day",
    "pesos-a-year",
    "percent",
    "times-uma",
    "days",
    "weeks",
    "months",
    "years",
    "day-number",
    "one-in",
    "choice",
]
Violation = Literal["table", "number", "whole", "range", "choice"]
"""What is wrong with a value: a table was needed, a number was, a whole one, one between the limits, or a choice."""

FIRST_DAY, LAST_DAY = date(1943, 1, 1), date(2100, 12, 31)
"""The first day of a figure is between these: the first Ley del Seguro Social is of 1943."""
OLDEST = 120
"""The greatest age of a table."""
MOST = Decimal(10_000_000)


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most of a value, both included, and whether it is whole; `choices`: the only ones there are."""

    least: Decimal
    most: Decimal
    is_whole: bool = True
    choices: tuple[Decimal, ...] = ()
    is_table: bool = False

    def violation(self, value: Decimal | Table) -> Violation | None:
        """What is wrong with a number or with the rows of a table; None when nothing is."""
        if not isinstance(value, Decimal):
            if not self.is_table:
                return "number"
            return next((found for _age, amount in value if (found := self._violation_of(amount))), None)
        return "table" if self.is_table else self._violation_of(value)

    def _violation_of(self, value: Decimal) -> Violation | None:
        if not value.is_finite():
            return "range"
        if self.choices:
            return None if value in self.choices else "choice"
        if self.is_whole and value != value.to_integral_value():
            return "whole"
        return None if self.least <= value <= self.most else "range"

    def is_met_by(self, figure: Figure) -> bool:
        """Whether a rule can use a figure: its value, the ages of its table, and its first day."""
        ages = () if isinstance(figure.value, Decimal) else [age for age, _amount in figure.value]
        in_order = not self.is_table or (list(ages) == sorted({0, *ages}) and max(ages) <= OLDEST)
        return in_order and FIRST_DAY <= figure.valid_from <= LAST_DAY and self.violation(figure.value) is None

    def sql(self, row: str) -> str:
        """The SQL of `is_met_by` for a row of numbers: a condition."""
        amount = f"{row}.amount"
        parts = [f"{row}.valid_from BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'"]
        parts += [f"{amount} BETWEEN {self.least} AND {self.most}"]
        parts += [f"{amount} = trunc({amount})"] if self.is_whole else []
        parts += [f"{amount} IN ({', '.join(map(str, self.choices))})"] if self.choices else []
        return " AND ".join(parts)


def _whole(least: int, most: int) -> Limits:
    return Limits(Decimal(least), Decimal(most))


def _any(least: int, most: int) -> Limits:
    return Limits(Decimal(least), Decimal(most), is_whole=False)


OF_UNIT: Mapping[Unit, Limits] = {
    "pesos-a-day": _any(1, 100_000),
    "pesos-a-year": _any(1, 10_000_000),
    "percent": _any(0, 100),
    "times-uma": _any(1, 100),
    "days": _whole(1, 366),
    "weeks": _whole(1, 5200),
    "months": _whole(1, 600),
    "years": _whole(1, 120),
    "day-number": _whole(1, 365),
    "one-in": _whole(1, 100),
    "choice": _whole(0, 100),
}
"""What every figure of a unit can be; the file gives narrower ones."""
