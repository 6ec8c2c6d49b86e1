"""Times one by one, as anyone may have them: for who isn't known. What a person may have is in `availability`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.slot_codes import SlotPlace
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.db import Db

_FREE = STATEMENTS.load("free_slots", counts=False)
_COUNT = STATEMENTS.load("free_slots", variant="count", counts=True)
_NOW = STATEMENTS.load("slot_now")


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A time of a room that anyone can have; `seats`: how many people."""

    service: str
    room: int
    start_at: datetime
    minutes: int
    seats: int


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """Which free times are asked for: of services at a unit, in some rooms or all, between two days that can be booked,
    from an instant until before another."""

    unit_id: UUID
    services: Sequence[str]
    rooms: Sequence[int] | None
    first: date
    last: date
    earliest: datetime
    before: datetime

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        names = ("unit_id", "services", "rooms", "first", "last", "earliest", "before")
        return {name: getattr(self, name) for name in names} | {"now": clock.now()}


async def free_slots(
    db: Db, search: SlotSearch, *, limit: int, after: tuple[datetime, int] | None = None
) -> list[FreeSlot]:
    """Free times by time and room, after the given ones."""
    after_at, after_room = after or (search.earliest, -1)
    given = {"limit": limit, "after_at": after_at, "after_room": after_room}
    return [FreeSlot(*row) for row in await db.execute(_FREE, search.parameters() | given)]


async def count_free_slots(session: AsyncSession, search: SlotSearch) -> int:
    """How many there are."""
    return int(await session.scalar(_COUNT, search.parameters()) or 0)


@dataclass(frozen=True, slots=True)
class SlotNow:
    """A time as it is now. `seats`: how many people can have it; `hold_id` and `folio`: what the person that was asked
    for has there."""

    service: str
    minutes: int
    timezone: str
    unit_name: str
    seats: int
    is_closed: bool
    hold_id: UUID | None
    held_until: datetime | None
    folio: str | None

    @property
    def status(self) -> str:
        """In FHIR's words."""
        if self.seats:
            return "free"
        return "busy-unavailable" if self.is_closed else "busy"


async def slot_now(db: Db, place: SlotPlace, person_id: UUID | None = None) -> SlotNow | None:
    """A time as it is now; None when there is no such time."""
    given = {
        "unit_id": place.unit_id,
        "room": place.room,
        "start_at": place.start_at,
        "person_id": person_id,
        "now": clock.now(),
        "call": None,
    }
    row = (await db.execute(_NOW, given)).one_or_none()
    if row is None:
        return None
    hold_id = UUID(row.hold_id) if row.hold_id is not None else None
    return SlotNow(
        row.service,
        row.minutes,
        row.timezone,
        row.unit_name,
        row.seats,
        bool(row.is_closed),
        hold_id,
        row.held_until if hold_id is not None else None,
        row.folio,
    )
