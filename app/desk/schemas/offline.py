"""Schemas of work without a connection: reserved numbers, and what a device recorded."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from app.desk.rules.offline import EntryKind, EntryStatus, SentBatch, SentEntry
from app.desk.schemas.names import AnyFolio, ServiceName
from app.kernel.schemas import FromRow, Incoming

UNREADABLE = dict.fromkeys([*range(32), *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}")
"""Control characters, and halves of surrogate pairs."""


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

    refuses_nul: ClassVar[bool] = False

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
        """As the use case takes it. What no folio has and no table holds is replaced: the entry becomes a conflict that
        staff see, and the others of its batch are merged."""
        folio = self.folio.translate(UNREADABLE) if self.folio is not None else None
        return SentEntry(self.id, EntryKind(self.kind), self.at, folio, self.service, self.number, self.is_protected)


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
    kind: EntryKind
    folio: str | None
    number: str | None
    status: EntryStatus
    reason: str | None
    ticket_id: UUID | None
    device_at: datetime
    offset_seconds: int
    happened_at: datetime
    resolved_at: datetime | None


class OfflineEntryOut(EntryOut):
    """An entry with the number that its ticket has now."""

    ticket_number: str | None
