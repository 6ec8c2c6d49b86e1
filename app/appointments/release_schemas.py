"""What crosses HTTP about the release of a schedule's seats."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.appointments.release_changes import HitDraw
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

    days: Annotated[int, Field(strict=True, ge=0, le=180, description="Days before.", examples=[14])]
    at: Hour


class WaveIn(MomentIn):
    """A share of the day's seats that is released at a moment."""

    share: Annotated[int, Field(strict=True, ge=1, le=100, description="Percent of the day's seats.", examples=[50])]


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
    """Seats that can be booked from an instant on, and the days that they are of. With `is_draw` the registration for
    their draw opens then."""

    at: datetime
    seats: int
    first_day: date
    last_day: date
    is_draw: bool


class MovedReleaseOut(FromRow):
    """Seats of a day whose release was published for `before` and is now at `after`; null: at once."""

    on_date: date
    before: datetime
    after: datetime | None
    seats: int


class HitDrawOut(BaseModel):
    """A draw that loses seats: those that it had to give, those that are left, and the people who wait for one. It ends
    when a change of its schedule leaves none."""

    id: UUID
    on_date: date
    room: int
    service: str
    status: Literal["open", "drawn"]
    people: int
    seats: int
    seats_left: int

    @classmethod
    def of(cls, hit: HitDraw) -> "HitDrawOut":
        """The draw with what is left of it."""
        names = ("id", "on_date", "room", "service", "status", "people", "seats")
        return cls.model_validate({name: getattr(hit.draw, name) for name in names} | {"seats_left": hit.left})


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


class _DrawFacts(FromRow):
    id: UUID
    unit_id: UUID
    unit_name: str
    timezone: str
    room: int
    shift: Literal["M", "V", "N"]
    service: str
    on_date: date
    opens_at: datetime
    closes_at: datetime
    public_at: datetime
    status: Literal["open", "drawn", "ended"]
    seats: int
    odds: float | None
    taken: int
    seats_left: int
    was_withdrawn: bool
    seed_digest: str
    seed: str | None


class DrawOut(_DrawFacts):
    """A draw: `seats` against `registrations`; `seats_left` can be had from it now. `was_withdrawn`: it ended because
    its seats were taken out of the agenda. `seed_digest` is the SHA-256 of its seed, which is null until the
    registration closes."""

    registrations: int


class DrawnOut(FromRow):
    """A registration's public code and its position."""

    code: str
    position: int


class DrawProofOut(_DrawFacts):
    """A draw with what proves its order: sort the codes by SHA-256(seed ‖ code). `registrations` are in the drawn
    order, none before; `registered` counts those who take part."""

    registered: int
    registrations: list[DrawnOut]


class DrawRegistrationIn(Incoming):
    """Whom to register."""

    person_id: Annotated[UUID | None, Field(description="Whom it is for; you, when left out.")] = None


class DrawRegistrationOut(FromRow):
    """A registration for a draw; its version is its ETag. `code` is public, and says nothing of its person."""

    id: UUID
    draw_id: UUID
    person_id: UUID
    unit_id: UUID
    unit_name: str
    timezone: str
    service: str
    room: int
    on_date: date
    code: str
    registered_at: datetime
    closes_at: datetime
    public_at: datetime
    position: int | None
    result: Literal["registered", "waiting", "offered", "accepted", "passed", "without", "cancelled"]
    version: int


class DrawGroupOut(FromRow):
    """The registrations of a group in draws that were drawn: those that were offered a seat, and those that accepted. A
    group of fewer than ten people is suppressed: its figures are null."""

    dimension: Literal["age", "sex"]
    value: str
    people: int | None
    registrations: int | None
    offered: int | None
    accepted: int | None


class ReleaseFairnessOut(FromRow):
    """How the seats of a unit were released between two days."""

    first: date
    last: date
    waves: list[WaveFiguresOut]
    groups: list[GroupFiguresOut]
    draws: list[DrawOut]
    draw_groups: list[DrawGroupOut]
