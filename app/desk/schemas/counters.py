"""Schemas of counters, calls and queues."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.desk.schemas.names import CounterNumber, ServiceName
from app.kernel.schemas import FromRow, Incoming
from app.places.rules import RoomKind


class CounterIn(Incoming):
    """Where to sit down, and for which services."""

    unit_id: UUID
    counter: CounterNumber
    services: Annotated[list[ServiceName], Field(min_length=1, max_length=20)]


class CounterOut(FromRow):
    """A window or room, who sits there since when, and the ticket it has, with its ETag, `ticket_version`. Closed: no
    session."""

    unit_id: UUID
    counter: int
    kind: RoomKind
    name: str
    session_id: UUID | None
    staff_id: UUID | None
    staff_name: str | None
    services: list[str] | None
    status: Literal["open", "paused", "closed"] | None
    changed_at: datetime | None
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_version: int | None


class CallOut(FromRow):
    """A ticket that was called, and the counter it goes to. `version` is its ETag."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    counter: int
    calls: int
    called_at: datetime
    version: int


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
