"""What crosses HTTP at the desk."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class VisitIn(BaseModel):
    """A window and a time for a visit, and what to tell the citizen (what to bring)."""

    model_config = ConfigDict(extra="forbid")

    unit_id: UUID
    room: Annotated[int, Field(ge=1, le=999)]
    start_at: AwareDatetime
    message: Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]*\S[^\x00]*$")]


class VisitOut(BaseModel):
    """The appointment that is part of the request now."""

    request_folio: str
    appointment_folio: str
    unit_name: str
    room: int
    start_at: datetime
    timezone: str
