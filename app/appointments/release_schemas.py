"""What crosses HTTP about the release of a schedule's seats."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.kernel.i18n import N_
from app.kernel.schemas import FromRow, Incoming, OneLine

Hour = Annotated[
    OneLine,
    Field(
        pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$",
        max_length=5,
        description="By the unit's clock, from 06:00 to 22:00.",
        examples=["07:00"],
    ),
]


class MomentIn(Incoming):
    """Some days before the day of the seats, at an hour of the unit."""

    days: Annotated[int, Field(ge=0, le=180, description="Days before.", examples=[14])]
    at: Hour


class WaveIn(MomentIn):
    """A share of the day's seats that is released at a moment."""

    share: Annotated[int, Field(ge=1, le=100, description="Percent of the day's seats.", examples=[50])]


class DrawPlanIn(Incoming):
    """When the registration for the draw of a day opens and closes, and when what is left is the public's."""

    opens: MomentIn
    closes: MomentIn
    public: MomentIn


class ReleaseIn(Incoming):
    """When the seats of a schedule can be booked first: in `waves`, whose shares add up to 100, or after a `draw`."""

    waves: Annotated[list[WaveIn] | None, Field(min_length=1, max_length=6)] = None
    draw: DrawPlanIn | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "ReleaseIn":
        if (self.waves is None) == (self.draw is None):
            raise ValueError(N_("Dé las tandas o el sorteo, uno de los dos."))
        return self


class NextReleaseOut(FromRow):
    """Seats that can be booked from an instant on, and the days that they are of."""

    at: datetime
    seats: int
    first_day: date
    last_day: date


class WaveFiguresOut(FromRow):
    """The waves of a number of a service: of how many days, their seats, those that are booked, and those booked within
    an hour."""

    service: str
    wave: int
    days: int
    seats: int
    taken: int
    at_once: int
    taken_share: float | None


class GroupFiguresOut(FromRow):
    """The appointments of a group in seats of waves. A group of fewer than ten people is suppressed: its figures are
    null."""

    dimension: Literal["age", "sex"]
    value: str
    people: int | None
    taken: int | None
    at_once: int | None


class ReleaseFairnessOut(FromRow):
    """How the seats of a unit were released between two days."""

    first: date
    last: date
    waves: list[WaveFiguresOut]
    groups: list[GroupFiguresOut]
