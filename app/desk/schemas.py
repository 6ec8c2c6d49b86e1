"""HTTP schemas of the desk."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.desk.rules.assistance import IdentityCheck, SeenDocument
from app.desk.rules.identity_questions import Question
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


class AttendanceOut(BaseModel):
    """What became of an appointment."""

    folio: str
    status: str
    version: int


class AssistanceIn(Incoming):
    """For whom, and how they are there: at the counter (`desk`) or on the telephone."""

    person_id: UUID
    channel: Literal["desk", "phone"]


class IdentityIn(Incoming):
    """How it was checked who the person is: the `document` that they showed, the `code` that they read out, or their
    `answers` by the names of the questions (the date of birth as YYYY-MM-DD)."""

    how: IdentityCheck
    document: SeenDocument | None = None
    code: Annotated[str, Field(min_length=1, max_length=12)] | None = None
    answers: dict[Question, Annotated[str, Field(max_length=120)]] = Field(default_factory=dict, max_length=5)


class AssistanceOut(BaseModel):
    """An assistance. Nothing can be done in it until `identity` says how the person's identity was checked; `assurance`
    is the level that this gives. `questions` may be asked while `attempts_left` isn't 0."""

    id: UUID
    person_id: UUID
    channel: str
    identity: str | None
    document: str | None
    assurance: str | None
    questions: list[str]
    attempts_left: int
    started_at: datetime
    idle_at: datetime
    ended_at: datetime | None
