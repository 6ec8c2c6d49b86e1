"""How good the forecasts of waits were: how many waits fell into their range, and how far the middle was off."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.places.rules import DEFAULT_ZONE

PUBLIC_DAYS = timedelta(days=90)
MIN_PEOPLE = 10
"""Units with fewer people called are left out of what is public."""
_BY_UNIT = STATEMENTS.load("forecast_accuracy")
_OF_UNIT = STATEMENTS.load("forecast_accuracy_of_unit")


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of forecasts that were made, how many were scored by a call (who left before it has none), how many of these
    waits were in their range, how many would have been before it was calibrated, and by how many minutes the middle was
    off, added up."""

    made: int
    called: int
    inside: int
    simulated_inside: int
    error_minutes: float

    @property
    def simulated_coverage(self) -> float | None:
        """What `coverage` would be without calibration."""
        return self.simulated_inside / self.called if self.called else None

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
            self.simulated_inside + other.simulated_inside,
            self.error_minutes + other.error_minutes,
        )


NOTHING = Accuracy(0, 0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class UnitAccuracy:
    """That of a unit."""

    unit_id: UUID
    clues: str
    name: str
    state: str
    accuracy: Accuracy


def public_since() -> date:
    """Since which day forecasts are in what is public."""
    return clock.today(DEFAULT_ZONE) - PUBLIC_DAYS


async def accuracy_of(session: AsyncSession, unit_id: UUID, since: datetime) -> Accuracy:
    """Of the forecasts that a unit made since then, until now."""
    return _read((await session.execute(_OF_UNIT, {"unit_id": unit_id, "since": since})).one())


async def accuracy_by_unit(session: AsyncSession, since: date, *, least: int = MIN_PEOPLE) -> list[UnitAccuracy]:
    """Of the forecasts made since that day, by state and name of the unit, until the last night's count. `least`: how
    many people were called at each that is shown."""
    rows = await session.execute(_BY_UNIT, {"since": since, "least": least})
    return [UnitAccuracy(row.unit_id, row.clues, row.name, row.state, _read(row)) for row in rows]


def _read(row: Any) -> Accuracy:
    return Accuracy(row.made, row.called, row.inside, row.simulated_inside, row.error_minutes)


def together(units: list[UnitAccuracy]) -> Accuracy:
    """That of all of them."""
    return sum((one.accuracy for one in units), NOTHING)
