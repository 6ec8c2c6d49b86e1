"""What crosses HTTP about appointments."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from app.appointments.release_schemas import HitDrawOut, ReleaseIn
from app.kernel.i18n import N_
from app.kernel.schemas import ClockEnd, ClockTime, FromRow, Incoming, OneLine

Service = Annotated[
    str,
    Field(
        max_length=60,
        pattern=r"^[a-z]+(-[a-z]+)*$",
        description="family-medicine, dental, preventive, window, or specialist-<specialty>.",
        examples=["family-medicine"],
    ),
]
RoomNumber = Annotated[int, Field(ge=1, le=999, description="Number of the consulting room.", examples=[3])]
CancelReason = Literal["better", "another-time", "no-transport", "other"]
ExceptionReason = Literal["holiday", "leave", "training", "maintenance", "emergency"]
ShiftCode = Literal["M", "V", "N"]
AffectedReason = Literal["holiday", "leave", "training", "maintenance", "emergency", "schedule", "unit"]


class HoldIn(Incoming):
    """A slot to hold while the person confirms."""

    unit_id: UUID
    service: Service
    room: RoomNumber
    start_at: Annotated[AwareDatetime, Field(examples=["2026-11-24T08:20:00-06:00"])]
    person_id: Annotated[UUID | None, Field(description="Whom it is for; you, when left out.")] = None
    moving: Annotated[str | None, Field(max_length=20, description="Folio of the appointment to be moved.")] = None


class HoldOut(BaseModel):
    """A slot held for a person until `held_until`."""

    id: UUID
    person_id: UUID
    unit_id: UUID
    service: str
    room: int
    start_at: datetime
    held_until: datetime


class BookIn(Incoming):
    """The hold to be turned into an appointment."""

    hold_id: UUID
    person_id: Annotated[UUID | None, Field(description="Whom it is for; you, when left out.")] = None


class AppointmentOut(BaseModel):
    """An appointment. `version` is its ETag; `timezone` is the unit's, in which people read the time."""

    folio: str
    person_id: UUID
    unit_id: UUID
    unit_name: str
    clues: str
    service: str
    room: int
    start_at: datetime
    minutes: int
    timezone: str
    status: Literal["booked", "cancelled", "attended", "missed", "unserved"]
    version: int
    affected: Annotated[
        AffectedReason | None,
        Field(description="Why a booked one can't take place as it is; null while nothing stands against it."),
    ] = None


class MoveIn(Incoming):
    """The new time, in the same unit and service."""

    room: RoomNumber
    start_at: Annotated[AwareDatetime, Field(examples=["2026-11-25T09:40:00-06:00"])]


class CancelIn(Incoming):
    """Why it is cancelled."""

    reason: CancelReason = "other"


class AppointmentFeedbackIn(Incoming):
    """What the person would have done without the portal, and how easy it was. Both optional."""

    would_have_visited: Annotated[
        bool | None, Field(description="They would have visited in person; null when they don't know.")
    ] = None
    satisfaction: Annotated[int | None, Field(ge=1, le=5, description="From 1, very hard, to 5, very easy.")] = None


class FreeTime(FromRow):
    """A time that can be had, and in which room; `is_mine` when it is the person's own room."""

    start_at: datetime
    room: int
    minutes: int
    seats: int
    is_mine: bool


class FreeDay(FromRow):
    """A day with free times: how many, the first of all; and the first and how many with the person's own doctor."""

    day: date
    seats: int
    first_at: datetime
    first_mine_at: datetime | None
    mine: int


class FreeElsewhere(FromRow):
    """Another unit where the person may have the service, and its first free time."""

    unit_id: UUID
    name: str
    timezone: str
    first_at: datetime


class Unavailability(FromRow):
    """Why there is nothing, and what else can be done. These `shifts` and this number of `rooms` were searched until
    `searched_until`. `next_day` is the next one with times, which can be booked from `opens_at` on. With the reason
    `refused` there are free times, but none that the person may have: `refusal` says why."""

    reason: Literal["full", "no-schedule", "closed", "release-delay", "not-released", "not-operating", "refused"]
    searched_until: date
    shifts: list[ShiftCode]
    rooms: int
    next_day: date | None
    opens_at: datetime | None
    walk_in_from: ClockTime | None
    next_free_at: datetime | None
    other_units: list[FreeElsewhere]
    refusal: str | None = None


class Availability(BaseModel):
    """Days with free times in a unit, and the third next available time (a measure of access)."""

    unit_id: UUID
    service: str
    timezone: str
    days: list[FreeDay]
    third_next_at: datetime | None
    nothing: Unavailability | None


class DayTimes(BaseModel):
    """The free times of one day, own room first at each time."""

    unit_id: UUID
    service: str
    timezone: str
    day: date
    times: list[FreeTime]


class ScheduleIn(Incoming):
    """A weekly pattern for a room."""

    unit_id: UUID
    room: RoomNumber
    shift: ShiftCode
    service: Service
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    starts: ClockTime
    ends: ClockEnd
    slot_minutes: Annotated[int, Field(ge=5, le=240)] = 15
    capacity: Annotated[int, Field(ge=1, le=100)] = 1
    valid_from: date
    valid_to: date | None = None
    release: Annotated[ReleaseIn | None, Field(description="Null: at once.")] = None


class ScheduleOut(ScheduleIn):
    """A schedule, with how many seats it has made so far."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID
    version: int = 1
    slots_generated: int = 0


UNCHANGED: Any = None
"""Of a field that isn't sent: null isn't one of its values."""


class ScheduleCorrection(Incoming):
    """What changes of a schedule; what is left out stays as it is."""

    shift: ShiftCode = UNCHANGED
    service: Service = UNCHANGED
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)] = UNCHANGED
    starts: ClockTime = UNCHANGED
    ends: ClockEnd = UNCHANGED
    slot_minutes: Annotated[int, Field(ge=5, le=240)] = UNCHANGED
    capacity: Annotated[int, Field(ge=1, le=100)] = UNCHANGED
    valid_from: date = UNCHANGED
    valid_to: Annotated[date | None, Field(description="Null: without end. Left out: as it is.")] = None
    release: Annotated[ReleaseIn | None, Field(description="Null: at once. Left out: as it is.")] = None

    @field_validator(
        "shift", "service", "weekdays", "starts", "ends", "slot_minutes", "capacity", "valid_from", mode="before"
    )
    @classmethod
    def _not_null(cls, sent: object) -> object:
        if sent is None:  # a default isn't validated: this one was sent
            raise ValueError(N_("No puede ir vacío; para dejarlo como está, no lo envíe."))
        return sent


class ScheduleEnd(Incoming):
    """The last day that the schedule is attended: today or later, from its first day to its present last one."""

    last_day: date


class ExceptionIn(Incoming):
    """A time when a unit, one of its shifts or one of its rooms won't attend."""

    unit_id: UUID
    room: RoomNumber | None = None
    shift: ShiftCode | None = None
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: ExceptionReason


class AffectedOut(FromRow):
    """An appointment that a closure hits."""

    folio: str
    person_id: UUID
    service: str
    room: int
    start_at: datetime
    reason: Annotated[AffectedReason | None, Field(description="Why it can't take place; null: none was given yet.")]
    reachable: Annotated[bool, Field(description="A message notifies them. If not: see `unaddressed-notices`.")]


class ScheduleChangeOut(BaseModel):
    """A schedule as it is now, the seats removed and added, and the appointments it has no time for any more."""

    schedule: ScheduleOut
    removed_seats: int
    generated_seats: int
    affected: list[AffectedOut]


class ExceptionOut(BaseModel):
    """A closure made, and the appointments it hits."""

    id: UUID
    closed_seats: int
    affected: list[AffectedOut]


class ExceptionRow(ExceptionIn):
    """A closure in a list."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID
    created_at: datetime


class HolidayIn(Incoming):
    """A day off: of a unit, or of the whole agency when no unit is named."""

    unit_id: UUID | None = None
    on_date: date
    name: Annotated[OneLine, Field(min_length=1, max_length=100)]


class HolidayRow(HolidayIn):
    """A day off in a list."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID


class ReferralIn(Incoming):
    """A family doctor's order to see a specialist."""

    person_id: UUID
    unit_id: UUID
    service: Annotated[str, Field(max_length=60, pattern=r"^specialist-[a-z-]+$", examples=["specialist-cardiology"])]
    starts_on: date
    ends_on: date


class ReferralOut(ReferralIn):
    """A referral."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")

    id: UUID


class ShiftClosureIn(Incoming):
    """A room, a shift or both that won't attend from the first day to the last; today, from now on."""

    unit_id: UUID
    room: RoomNumber | None = None
    shift: ShiftCode | None = None
    first: date
    last: date
    reason: ExceptionReason


class ShiftClosureMakeIn(ShiftClosureIn):
    """The closure that a preview showed."""

    digest: Annotated[
        str | None, Field(max_length=64, description="That of the preview: the closure does just that, or nothing.")
    ] = None


class OfferedTime(BaseModel):
    """Another time: which room of which unit, and when."""

    unit_id: UUID
    room: int
    start_at: datetime


class RebookingOut(BaseModel):
    """Whom a closure hits, and the time that is held for them; without one they choose."""

    folio: str
    person_id: UUID
    name: str
    service: str
    room: int
    start_at: datetime
    offered: OfferedTime | None
    tier: Annotated[
        Literal["room", "shift", "unit"] | None,
        Field(description="The same doctor, another room of the shift, or another unit."),
    ]
    reply_by: datetime
    held_until: datetime | None


class ShiftClosurePreview(BaseModel):
    """What the closure would do now. `listed_before`: appointments that something else hits; `draws` lose seats."""

    digest: str
    closed_seats: int
    hits: list[RebookingOut]
    listed_before: int
    draws: list[HitDrawOut]


class ShiftClosureOut(BaseModel):
    """A closure made; its people are read, and rung, at `people`."""

    id: UUID
    closed_seats: int
    hits: list[RebookingOut]


class AffectedPersonOut(RebookingOut):
    """How a person stands: `answered`, `waiting`, or to be rung (`ring`)."""

    reply_status: Literal["answered", "waiting", "ring"]
    answer: Literal["accepted", "other-time", "cancelled", "withdrawn"] | None
    answered_at: datetime | None
    answered_by: str | None
    is_held: Annotated[bool, Field(description="The offered seat is still held for them.")]
    phone: str | None
    reachable: bool
    calls: Annotated[int, Field(description="How often staff rang without an answer.")]


class RebookingOfferOut(BaseModel):
    """The time that is held for a person instead of theirs; null once it was released: they choose another."""

    folio: str
    offered: OfferedTime | None
    unit_name: str | None
    timezone: str | None
    reply_by: datetime
    held_until: datetime | None
