"""HTTP schemas of the desk."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from app.desk.rules.offline import EntryKind, SentBatch, SentEntry
from app.kernel.actor import DeviceKind
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
    """A ticket as the slip shows it: `number` is what is called."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    status: str
    on_date: date
    arrived_at: datetime


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


class NumberRangeIn(Incoming):
    """How many numbers of a service's queue a device wants, to give them while it is offline."""

    device_id: UUID
    service: ServiceName
    count: Annotated[int, Field(ge=1, le=100)] = 20


class NumberRangeOut(FromRow):
    """Numbers of one queue and day, `first` to `last`, that only this device may give: A-041 is `letter` and number."""

    id: UUID
    unit_id: UUID
    device_id: UUID
    on_date: date
    letter: str
    service: str
    first: int
    last: int


class EntryIn(Incoming):
    """What was recorded offline, at the time of the device's clock. `id` is the device's own, and makes sending it
    again harmless. A `number` has a service and the number that was given; the others have the folio of an appointment,
    and a check-in the number, if the device had one."""

    id: UUID
    kind: Literal["number", "check-in", "attended", "missed"]
    at: AwareDatetime
    folio: AnyFolio | None = None
    service: ServiceName | None = None
    number: Annotated[str, Field(pattern=r"^[A-Z]-[0-9]{3,6}$", examples=["A-041"])] | None = None
    is_protected: bool = False

    @model_validator(mode="after")
    def _is_about_something(self) -> "EntryIn":
        is_number = self.kind == "number"
        if is_number != (self.folio is None) or (is_number and not (self.number and self.service)):
            raise ValueError("a number needs its service and the number; every other kind a folio")
        return self

    def sent(self) -> SentEntry:
        """As the use case takes it."""
        return SentEntry(
            self.id, EntryKind(self.kind), self.at, self.folio, self.service, self.number, self.is_protected
        )


class BatchIn(Incoming):
    """Entries of one device. `device_now`: what its clock says as it sends them, by which their times are corrected."""

    device_id: UUID
    device_now: AwareDatetime
    entries: Annotated[list[EntryIn], Field(min_length=1, max_length=200)]

    def sent(self) -> SentBatch:
        """As the use case takes it."""
        return SentBatch(self.device_id, self.device_now, [entry.sent() for entry in self.entries])


class EntryOut(FromRow):
    """What became of an entry: `applied`, `merged` into what was recorded already, or a `conflict` whose `reason` is
    the slug of a problem. `happened_at`: its time by the server's clock; the device's was wrong by `offset_seconds`."""

    id: UUID
    kind: str
    folio: str | None
    number: str | None
    status: str
    reason: str | None
    ticket_id: UUID | None
    device_at: datetime
    offset_seconds: int
    happened_at: datetime
    resolved_at: datetime | None


class OfflineEntryOut(EntryOut):
    """An entry with the number that its ticket has now."""

    ticket_number: str | None


class AttendanceOut(BaseModel):
    """What became of an appointment."""

    folio: str
    status: str
    version: int


class BoardCallOut(BaseModel):
    """A number that was called, and where to. `times` counts its calls. `is_open`: its person hasn't come to the
    counter yet. `kind` is the kind of room, as in `units/{clues}`."""

    number: str
    counter: int
    kind: str | None
    called_at: datetime
    times: int
    is_open: bool


class BoardQueueOut(BaseModel):
    """How many wait for numbers of this letter."""

    letter: str
    waiting: int


class BoardOut(BaseModel):
    """What a waiting room's screen shows: the latest call first. No person and no service."""

    unit_id: UUID
    clues: str
    unit_name: str
    timezone: str
    on_date: date
    calls: list[BoardCallOut]
    waiting: list[BoardQueueOut]
    counters_open: int


class DeviceIn(Incoming):
    """A kiosk or board to add. `name` tells it from the others of its unit."""

    unit_id: UUID
    kind: DeviceKind
    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*\S[^\x00]*$", examples=["Entrada"])]


class DeviceOut(FromRow):
    """A kiosk or board of a unit. `paired_at` is null until its code was typed on it."""

    id: UUID
    unit_id: UUID
    kind: DeviceKind
    name: str
    created_at: datetime
    paired_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class DeviceCodeOut(BaseModel):
    """A device, and the code to type on it within `expires_in` seconds; it isn't shown again."""

    device: DeviceOut
    code: str
    expires_in: int


class PairIn(Incoming):
    """The pairing code of a device."""

    code: Annotated[str, Field(pattern=r"^[0-9]{9}$", examples=["402915337"])]


class CurrentDeviceOut(BaseModel):
    """The device that a token belongs to."""

    device_id: UUID
    kind: DeviceKind
    unit_id: UUID


class DeviceTokenOut(CurrentDeviceOut):
    """The token of a device, for `Authorization: Bearer`: valid until it is revoked. It isn't shown again."""

    token: str
