"""HTTP schemas of the desk."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

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
