"""Schemas of turns and forecasts."""

from datetime import date, datetime

from pydantic import BaseModel

from app.desk.rules.tickets import LeftBecause, TicketStatus
from app.kernel.schemas import FromRow
from app.places.rules import RoomKind


class ForecastOut(FromRow):
    """Minutes until the call: four waits of five are from `low` to `high`, and half are shorter than `median`."""

    low: int
    median: int
    high: int


class TurnOut(BaseModel):
    """A turn, for who holds its code. `place`: how many of its queue are called up to it, while it waits, and
    `forecast` from now on; `counter` and `counter_kind`: where to go, from the call on."""

    number: str
    unit_name: str
    timezone: str
    status: TicketStatus
    place: int | None
    forecast: ForecastOut | None
    counter: int | None
    counter_kind: RoomKind | None
    called_at: datetime | None
    left_because: LeftBecause | None


class AccuracyOut(FromRow):
    """Forecasts that were `made`, tickets of these that were `called`, and waits `inside` the range. `coverage` is
    `inside` / `called`, `simulated_coverage` what it would be if ranges weren't calibrated; `mean_error` the mean of
    the minutes by which the median was off, over `called`."""

    made: int
    called: int
    inside: int
    coverage: float | None
    simulated_coverage: float | None
    mean_error: float | None


class UnitAccuracyOut(FromRow):
    """Those of a unit."""

    clues: str
    name: str
    state: str
    accuracy: AccuracyOut


class ForecastAccuracyOut(BaseModel):
    """Of the forecasts made since a day, in all and by unit, counted each night; units with fewer than ten people
    called are left out of both."""

    since: date
    total: AccuracyOut
    units: list[UnitAccuracyOut]
