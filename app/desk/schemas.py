"""HTTP schemas of the desk."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.kernel.schemas import FromRow, Incoming


class VisitIn(Incoming):
    """Window and time of a visit, and instructions for the citizen (what to bring)."""

    unit_id: UUID
    room: Annotated[int, Field(ge=1, le=999)]
    start_at: AwareDatetime
    message: Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\S[^\x00]*$")]


class AttendIn(Incoming):
    """`other_day`: the caller confirms that the citizen came although today isn't the day of the visit."""

    other_day: bool = False


class StoppedOut(FromRow):
    """A request that waits for its citizen: since when, until when, and for a visit, its date and time in `timezone`.
    `kind`: `waiting` for an answer, or for a `visit`."""

    folio: str
    service: str
    kind: str
    unit_id: UUID | None
    unit_name: str | None
    stopped_at: datetime
    answer_by: date
    appointment_folio: str | None
    visit_at: datetime | None
    timezone: str
    language: str
    full_name: str


class VisitOut(BaseModel):
    """The appointment that is part of the request now."""

    request_folio: str
    appointment_folio: str
    unit_name: str
    room: int
    start_at: datetime
    timezone: str


ServiceName = Annotated[str, Field(min_length=1, max_length=60, examples=["family-medicine"])]
CounterNumber = Annotated[int, Field(ge=1, le=999, description="The number of the window or room.")]
AnyFolio = Annotated[str, Field(min_length=1, max_length=20)]


class TicketIn(Incoming):
    """Someone without an appointment. `is_protected`: older, pregnant, with a disability or a small child; who is 60 or
    more by the registry is protected without it."""

    service: ServiceName
    person_id: UUID | None = None
    request_folio: AnyFolio | None = None
    is_protected: bool = False


class CheckInIn(Incoming):
    """The folio of an appointment of today."""

    folio: AnyFolio
    is_protected: bool = False


class LeaveIn(Incoming):
    """Why the person left without being attended."""

    because: Literal["no-answer", "gave-up", "redirected"]


class TransferIn(Incoming):
    """The queue to which the person goes on."""

    service: ServiceName


class CounterIn(Incoming):
    """Where to sit down, and for which services."""

    unit_id: UUID
    counter: CounterNumber
    services: Annotated[list[ServiceName], Field(min_length=1, max_length=20)]


class ForecastOut(FromRow):
    """Minutes until the call: four waits of five are from `low` to `high`, and half are shorter than `median`."""

    low: int
    median: int
    high: int


class QueueTermsIn(Incoming):
    """What changes of a queue's terms, in minutes; `calls`: after how many a person counts as not there."""

    tolerance: Annotated[int, Field(ge=0, le=120)] = 10
    walk_in_offset: Annotated[int, Field(ge=0, le=240)] = 20
    protected: Annotated[int, Field(ge=0, le=240)] = 15
    appointment_target: Annotated[int, Field(ge=1, le=600)] = 30
    walk_in_target: Annotated[int, Field(ge=1, le=600)] = 120
    grace: Annotated[int, Field(ge=0, le=600)] = 60
    calls: Annotated[int, Field(ge=1, le=10)] = 3


class QueueOut(FromRow):
    """A queue: the letter of its numbers and its terms, in minutes. `version` is its ETag."""

    unit_id: UUID
    service: str
    letter: str
    tolerance: int
    walk_in_offset: int
    protected: int
    appointment_target: int
    walk_in_target: int
    grace: int
    calls: int
    version: int


class NewTicketOut(FromRow):
    """A ticket as the slip shows it: `number` is what is called, `code` opens its own page, `/turno/{code}`."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    status: str
    on_date: date
    arrived_at: datetime
    code: str
    forecast: ForecastOut | None


class TicketOut(FromRow):
    """A ticket for staff of its unit. `place`: how many are called up to it in its queue, while it waits. `room`: the
    only one that may call it. `version` is its ETag."""

    id: UUID
    unit_id: UUID
    on_date: date
    number: str
    service: str
    status: str
    person_id: UUID | None
    full_name: str | None
    appointment_folio: str | None
    request_folio: str | None
    room: int | None
    is_protected: bool
    arrived_at: datetime
    due_at: datetime | None
    calls: int
    called_at: datetime | None
    counter: int | None
    served_at: datetime | None
    ended_at: datetime | None
    left_because: str | None
    version: int
    timezone: str
    place: int | None


class CounterOut(FromRow):
    """A window or room, who sits there since when, and the ticket it has. Closed: no session."""

    unit_id: UUID
    counter: int
    kind: str
    name: str
    session_id: UUID | None
    staff_id: UUID | None
    staff_name: str | None
    services: list[str] | None
    status: str | None
    changed_at: datetime | None
    ticket_id: UUID | None
    ticket_number: str | None


class CallOut(FromRow):
    """A ticket that was called, and the counter it goes to."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    counter: int
    calls: int
    called_at: datetime


class DayLineOut(FromRow):
    """An appointment of the day, whose it is, and the ticket with which they came."""

    folio: str
    person_id: UUID
    full_name: str
    service: str
    room: int
    start_at: datetime
    minutes: int
    status: str
    affected: str | None
    timezone: str
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_status: str | None
    ticket_version: int | None
    arrived_at: datetime | None
    called_at: datetime | None


class AttendanceOut(BaseModel):
    """What became of an appointment."""

    folio: str
    status: str
    version: int


class TurnOut(BaseModel):
    """A turn, for who holds its code. `place`: how many of its queue are called up to it, while it waits, and
    `forecast` from now on; `counter` and `counter_name`: where to go, from the call on."""

    number: str
    unit_name: str
    timezone: str
    status: str
    place: int | None
    forecast: ForecastOut | None
    counter: int | None
    counter_name: str | None
    called_at: datetime | None
    left_because: str | None


class AccuracyOut(FromRow):
    """Forecasts that were `made`, tickets of these that were `called`, and waits `inside` the range. `coverage` is
    `inside` / `called`; `mean_error` the mean of the minutes by which the median was off, over `called`."""

    made: int
    called: int
    inside: int
    coverage: float | None
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


class CounterNowOut(FromRow):
    """Who sits at a counter since when, the ticket they have, and how many they attended today."""

    counter: int
    name: str
    staff_id: UUID
    staff_name: str
    services: list[str]
    status: Literal["open", "paused"]
    opened_at: datetime
    ticket_number: str | None
    ticket_status: str | None
    ticket_since: datetime | None
    attended: int


class QueueNowOut(FromRow):
    """A queue today. Median and 90th percentile are of the waits of `called` tickets, in seconds."""

    letter: str
    service: str
    waiting: int
    at_counter: int
    coming_back: int
    waiting_since: Annotated[datetime | None, Field(description="When who waits longest arrived.")]
    attended: int
    called: int
    median_seconds: float | None
    p90_seconds: float | None
    no_answers: int
    gave_up: int
    unserved: int


class OverviewOut(FromRow):
    """A unit at an instant: who serves and who waits."""

    unit_id: UUID
    unit_name: str
    timezone: str
    at: datetime
    on_date: date
    counters: list[CounterNowOut]
    queues: list[QueueNowOut]


class RoomWeekOut(FromRow):
    """A room in the week that begins on `week`. Shares are of the open seats; null without any."""

    room: int
    service: str
    week: date
    seats: int
    booked: int
    attended: int
    booked_share: float | None
    attended_share: float | None


class AttendanceRateOut(FromRow):
    """How appointments ended. `no_show_rate` is missed over `expected`, which is attended and missed."""

    service: str
    attended: int
    missed: int
    cancelled: int
    unserved: int
    expected: int
    no_show_rate: float | None


class ServiceAccessOut(FromRow):
    """The third next available time of a service, and in how many days it is."""

    service: str
    third_next_at: datetime | None
    days: int | None


class RatesOut(FromRow):
    """The rates of a unit's appointments from the first day to the last."""

    first: date
    last: date
    rooms: list[RoomWeekOut]
    attendance: list[AttendanceRateOut]
    access: list[ServiceAccessOut]
