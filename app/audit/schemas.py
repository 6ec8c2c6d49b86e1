"""HTTP schemas of the access log."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.kernel.actor import Role
from app.kernel.schemas import FromRow, Incoming
from app.registry.access_log import ViewContext

Typed = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


class AccessSearchIn(Incoming):
    """The person (a CURP, an NSS or a folio as `who`, or their id), the reader (a user name or an id), or both; days
    are inclusive, in the time zone of central Mexico."""

    who: Typed | None = None
    person_id: UUID | None = None
    username: Typed | None = None
    reader_id: UUID | None = None
    since: date | None = None
    until: date | None = None


class NamedAccessOut(FromRow):
    """A reader's access to a person's data: first time in that hour, role, unit, and where it was shown. `unit_name` is
    null for those who work at several units or none; `staff_name` is null for a citizen who acts for the person and for
    a program, which has a `client_name`."""

    person_id: UUID
    person_name: str
    reader_id: UUID
    staff_name: str | None
    client_name: str | None
    role: Role | Literal["representative", "client"]
    unit_name: str | None
    seen_at: datetime
    timezone: str
    contexts: list[ViewContext]
