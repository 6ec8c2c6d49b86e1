"""Convert between table rows and figures."""

from decimal import Decimal
from typing import Any, cast

from app.law.definitions import definitions
from app.law.models import LawFigure
from app.law.rules import Certainty, Figure, Table


def _figure_of(row: LawFigure) -> Figure:
    """A row as a figure."""
    table = tuple((int(age), Decimal(amount)) for age, amount in row.amounts or ())
    return Figure(
        row.name,
        strip_zeros(row.amount) if row.amount is not None else table,
        row.valid_from,
        row.valid_to,
        row.source,
        cast("Certainty", row.certainty),
    )


def parse_row(row: LawFigure) -> Figure | None:
    """A row as a figure; None when no rule could use it: its value isn't within the limits of the figure, or isn't of
    its kind. Earlier versions accepted such values, and manual SQL may write one."""
    try:
        figure = _figure_of(row)
    except (ArithmeticError, TypeError, ValueError):
        return None
    definition = definitions().get(row.name)
    return figure if definition is None or definition.limits.is_met_by(figure) else None


def values_of(figure: Figure) -> dict[str, Any]:
    """The columns of a figure's value."""
    if isinstance(figure.value, Decimal):
        return {"amount": figure.value, "amounts": None}
    return {"amount": None, "amounts": [[age, str(strip_zeros(amount))] for age, amount in figure.value]}


def strip_zeros(amount: Decimal) -> Decimal:
    """An amount without the zeros that its column adds: 46.0000 is 46, and 30.4000 is 30.4."""
    whole = amount.to_integral_value()
    return whole if amount == whole else amount.normalize()


def format_amount(value: Decimal | Table, unit: str) -> str:
    """A value as people read it: amounts of money with two decimals at least."""
    if not unit.startswith("pesos"):
        return format_value(value)
    if isinstance(value, Decimal):
        return _money(value)
    return ", ".join(f"{age}:{_money(amount)}" for age, amount in value)


def _money(amount: Decimal) -> str:
    whole, _point, part = f"{strip_zeros(amount):f}".partition(".")
    return f"{whole}.{part:0<2}"


def format_value(value: Decimal | Table) -> str:
    """A value as text: a number, or `age:amount` of each row of a table."""
    if isinstance(value, Decimal):
        return f"{strip_zeros(value):f}"
    return ", ".join(f"{age}:{strip_zeros(amount):f}" for age, amount in value)
