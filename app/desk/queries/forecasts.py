"""How good the forecasts of waits were: how many waits fell into their range, and how far the middle was off."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.statements import STATEMENTS

MIN_PEOPLE = 10
"""Units with fewer people called are left out of what is public."""
_ACCURACY = STATEMENTS.load("forecast_accuracy")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of forecasts that were made, how many were scored by a call (who left before it has none), how many of these
    waits were in their range, and by how many minutes the middle was off, added up."""

    made: int
    called: int
    inside: int
    error_minutes: float

    @property
    def coverage(self) -> float | None:
        """Of the waits that ended with a call, the share in the range; 0.8 is promised."""
        return self.inside / self.called if self.called else None

    @property
    def mean_error(self) -> float | None:
        """Mean absolute error in minutes."""
        return self.error_minutes / self.called if self.called else None

    def __add__(self, other: "Accuracy") -> "Accuracy":
        return Accuracy(
            self.made + other.made,
            self.called + other.called,
            self.inside + other.inside,
            self.error_minutes + other.error_minutes,
        )


NOTHING = Accuracy(0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class UnitAccuracy:
    """That of a unit."""

    unit_id: UUID
    clues: str
    name: str
    state: str
    accuracy: Accuracy


async def accuracy_by_unit(
    session: AsyncSession, since: datetime, *, unit_id: UUID | None = None, least: int = 0
) -> list[UnitAccuracy]:
    """Of the forecasts made since then, by state and name of the unit. `least`: people called of each unit shown."""
    rows = await session.execute(_ACCURACY, {"since": since, "unit_id": unit_id})
    return [
        UnitAccuracy(
            row.unit_id, row.clues, row.name, row.state, Accuracy(row.made, row.called, row.inside, row.error_minutes)
        )
        for row in rows
        if row.called >= least
    ]


def together(units: list[UnitAccuracy]) -> Accuracy:
    """That of all of them."""
    return sum((one.accuracy for one in units), NOTHING)
