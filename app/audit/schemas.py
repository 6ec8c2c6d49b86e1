"""What crosses HTTP about who saw whose data."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.kernel.actor import Role
from app.registry.access_log import ViewContext

Typed = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


class AccessSearchIn(BaseModel):
    """Whose data (a CURP, an NSS or a folio as `who`, or the person's id), the reader (a user name or an id), or both;
    the days, both included, are those of the country's centre."""

    model_config = ConfigDict(extra="forbid")

    who: Typed | None = None
    person_id: UUID | None = None
    username: Typed | None = None
    reader_id: UUID | None = None
    since: date | None = None
    until: date | None = None


class NamedAccessOut(BaseModel):
    """That a reader saw a person's data: when first in that hour, in which role, at which unit, and where it was
    shown. `unit_name` is null for who works at several units or at none; `staff_name`, for a citizen who acts for the
    person."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    person_name: str
    reader_id: UUID
    staff_name: str | None
    role: Role | Literal["representative"]
    unit_name: str | None
    seen_at: datetime
    timezone: str
    contexts: list[ViewContext]
