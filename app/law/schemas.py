"""What crosses HTTP about figures of law, in the language asked for."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from app.kernel.i18n import gettext
from app.law.definitions import Definition
from app.law.limits import Unit
from app.law.rules import Certainty, Figure


class StepOut(BaseModel):
    """A row of a table: the amount from an age on."""

    from_age: int
    amount: Decimal


class FigureRowOut(BaseModel):
    """A figure while it is in force, both days included; without an end where `valid_to` is null."""

    value: Decimal | None
    meaning: str | None
    """What the value chooses, in words, where the unit is `choice`."""
    table: list[StepOut]
    valid_from: date
    valid_to: date | None
    source: str
    certainty: Certainty
    """`confirmed` in a public source, or `doubtful`."""


class FigureOut(BaseModel):
    """A figure of law: what it is, its unit, the article, and its row in force on the day; null where there is none."""

    name: str
    text: str
    unit: Unit
    basis: str
    in_force: FigureRowOut | None


class FigureHistoryOut(FigureOut):
    """A figure with the rows of every day, by first day."""

    rows: list[FigureRowOut]


def row_out(figure: Figure, definition: Definition) -> FigureRowOut:
    """A row as it crosses HTTP."""
    table = () if isinstance(figure.value, Decimal) else figure.value
    return FigureRowOut(
        value=figure.value if isinstance(figure.value, Decimal) else None,
        meaning=definition.meaning(figure.value),
        table=[StepOut(from_age=age, amount=amount) for age, amount in table],
        valid_from=figure.valid_from,
        valid_to=figure.valid_to,
        source=gettext(figure.source),
        certainty=figure.certainty,
    )


def figure_out(name: str, definition: Definition, in_force: Figure | None) -> FigureOut:
    """A figure in the current language."""
    return FigureOut(
        name=name,
        text=str(definition.text),
        unit=definition.unit,
        basis=str(definition.basis),
        in_force=row_out(in_force, definition) if in_force else None,
    )
