"""What crosses HTTP about the wait list."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from app.appointments.schemas import RoomNumber, Service, ShiftCode
from app.appointments.wait_list import EndReason
from app.kernel.schemas import FromRow, Incoming

Weekday = Annotated[int, Field(ge=1, le=7)]
NeedOut = Literal["affected", "without", "earlier"]
AnswerOut = Literal["accepted", "declined", "expired", "unreachable", "withdrawn"]


class WaitWishIn(Incoming):
    """Which freed times the person would take."""

    weekdays: Annotated[
        list[Weekday],
        Field(min_length=1, max_length=7, description="From 1, Monday, to 7, Sunday.", examples=[[1, 2, 3, 4, 5]]),
    ] = [1, 2, 3, 4, 5, 6, 7]
    shift: Annotated[ShiftCode | None, Field(description="Any, when left out.")] = None
    room: Annotated[RoomNumber | None, Field(description="Only with this doctor; any, when left out.")] = None
    notice_hours: Annotated[
        int, Field(ge=2, le=168, description="How long before a time they need to know of it.", examples=[24])
    ] = 24

    @field_validator("weekdays")
    @classmethod
    def _each_once(cls, days: list[int]) -> list[int]:
        return sorted(set(days))


class WaitEntryIn(WaitWishIn):
    """Whom to put on the wait list of a service at a unit."""

    unit_id: UUID
    service: Service
    person_id: Annotated[UUID | None, Field(description="Whom it is for; you, when left out.")] = None


class WaitOfferOut(FromRow):
    """A freed time that is held for the person until it expires."""

    id: UUID
    room: int
    start_at: datetime
    expires_at: datetime


class OddsOut(FromRow):
    """Of the entries that ended in these days with an accepted time, or without one, how many got one. The share is
    null while there are fewer than `min_entries`."""

    days: int
    entries: int
    filled: int
    share: float | None
    min_entries: int


class WaitEntryOut(BaseModel):
    """An entry of the wait list. Its version is its ETag. `folio`: the appointment that an accepted time moves."""

    id: UUID
    person_id: UUID
    unit_id: UUID
    unit_name: str
    timezone: str
    service: str
    folio: str | None
    weekdays: list[int]
    shift: ShiftCode | None
    room: int | None
    notice_hours: int
    asked_at: datetime
    status: Literal["active", "paused", "ended"]
    end_reason: EndReason | None
    version: int
    offer: WaitOfferOut | None
    odds: OddsOut


class LoggedOffer(FromRow):
    """An offer in the log of a unit: of which seat, to which entry, why it came first, and its answer. It names no
    one."""

    id: UUID
    entry_id: UUID
    service: str
    room: int
    start_at: datetime
    freed_at: datetime
    need: NeedOut
    asked_at: datetime
    place: int
    candidates: int
    made_at: datetime
    expires_at: datetime
    answer: AnswerOut | None
    answered_at: datetime | None


class FairnessGroup(FromRow):
    """The wait list of a group: its entries, the offers made to them, those accepted, and the minutes from a freed seat
    to its acceptance. A group of fewer than ten entries is suppressed: its figures are null."""

    dimension: Literal["need", "age", "sex"]
    value: str
    entries: int | None
    offers: int | None
    accepted: int | None
    declined: int | None
    expired: int | None
    unreachable: int | None
    median_minutes: float | None
    acceptance_share: float | None


class FairnessOut(FromRow):
    """How the wait list of a unit did between two days. `freed`: the seats that were the list's, `filled` those that
    were accepted, `returned` those that the public got."""

    first: date
    last: date
    freed: int
    filled: int
    returned: int
    filled_share: float | None
    median_minutes: float | None
    p90_minutes: float | None
    groups: list[FairnessGroup]
