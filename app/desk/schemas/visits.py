"""Schemas of a visit as a step of a request."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from app.kernel.i18n import Language
from app.kernel.schemas import FromRow, Incoming
from app.requests.rules.kinds import StoppedKind


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
    kind: StoppedKind
    unit_id: UUID | None
    unit_name: str | None
    stopped_at: datetime
    answer_by: date
    appointment_folio: str | None
    visit_at: datetime | None
    timezone: str
    language: Language
    full_name: str


class VisitOut(BaseModel):
    """The appointment that is part of the request now."""

    request_folio: str
    appointment_folio: str
    unit_name: str
    room: int
    start_at: datetime
    timezone: str
