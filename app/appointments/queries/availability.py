"""What is free, and at which times. One statement a question, whatever its span."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import horizon_parameters
from app.appointments.rules import MEDICAL
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.kernel.db import Db

THIRD = 3


@dataclass(frozen=True, slots=True)
class Own:
    """The room and shift of the doctor a person is assigned to, where they are searching and the service has one; who
    they are; and the times of other appointments of theirs (`busy_times`), which nothing may overlap."""

    room: int | None = None
    shift: str | None = None
    person_id: UUID | None = None
    busy: tuple[tuple[datetime, datetime], ...] = ()

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        given = {"room": self.room, "shift": self.shift, "person_id": self.person_id}
        if self.busy:
            given["busy"] = f"{{{','.join(f'[{first.isoformat()},{last.isoformat()})' for first, last in self.busy)}}}"
        return given


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with free times at a unit: `seats` in all, `mine` with the person's own doctor."""

    day: date
    seats: int
    first_at: datetime
    first_mine_at: datetime | None
    mine: int = 0


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that can be had; `is_mine` when it is in the person's own room and shift."""

    start_at: datetime
    room: int
    minutes: int
    seats: int
    is_mine: bool


_DAYS, _DAYS_BUSY = (STATEMENTS.load("free_days", variant=name, busy=bool(name)) for name in ("", "busy"))
_TIMES, _TIMES_BUSY = (
    STATEMENTS.load("free_times", variant=name, busy=bool(name), days=False) for name in ("", "busy")
)
_TIMES_OF_DAYS, _TIMES_OF_DAYS_BUSY = (
    STATEMENTS.load("free_times", variant=name, busy="busy" in name, days=True) for name in ("days", "days-busy")
)
_NTH_NEXT = STATEMENTS.load("nth_next")
_NEAREST = STATEMENTS.load("nearest")
_THIRD_EVERYWHERE = STATEMENTS.load("third_everywhere", third=THIRD)


async def free_days(
    db: Db, unit_id: UUID, service: str, *, own: Own, first: date, last: date, earliest: datetime
) -> list[FreeDay]:
    """Days with free times from one to another, and the first time of each: one statement whatever their number."""
    params = {"unit_id": unit_id, "service": service, "first": first, "last": last, "earliest": earliest}
    statement = _DAYS_BUSY if own.busy else _DAYS
    return [FreeDay(*row) for row in await db.execute(statement, params | own.parameters() | {"now": clock.now()})]


async def free_times(
    db: Db, unit_id: UUID, service: str, day: date, *, own: Own, last: date, earliest: datetime
) -> list[FreeTime]:
    """The free times of a day, if it isn't after the last that can be booked: one row a time, the person's own doctor
    first."""
    params = {"unit_id": unit_id, "service": service, "day": day, "last": last, "earliest": earliest}
    statement = _TIMES_BUSY if own.busy else _TIMES
    return [FreeTime(*row) for row in await db.execute(statement, params | own.parameters() | {"now": clock.now()})]


async def free_times_of_days(
    db: Db, unit_id: UUID, service: str, days: Sequence[date], *, own: Own, last: date, earliest: datetime
) -> list[FreeTime]:
    """The free times of several days, as `free_times` gives those of one."""
    params = {"unit_id": unit_id, "service": service, "days": list(days), "last": last, "earliest": earliest}
    statement = _TIMES_OF_DAYS_BUSY if own.busy else _TIMES_OF_DAYS
    return [FreeTime(*row) for row in await db.execute(statement, params | own.parameters() | {"now": clock.now()})]


async def third_next(
    db: AsyncSession, unit_id: UUID, service: str, *, today: date, last: date, earliest: datetime
) -> datetime | None:
    """The third next available time: the usual measure of access, steadier than the first (IHI)."""
    return await nth_next(db, unit_id, service, today=today, last=last, earliest=earliest, position=THIRD)


async def nth_next(
    db: AsyncSession, unit_id: UUID, service: str, *, today: date, last: date, earliest: datetime, position: int
) -> datetime | None:
    """The time of the n-th free seat until a day; None when there are fewer."""
    params = {"unit_id": unit_id, "service": service, "today": today, "last": last, "earliest": earliest}
    params["skip"] = position - 1
    found: datetime | None = (await db.execute(_NTH_NEXT, params | {"now": clock.now()})).scalar_one_or_none()
    return found


async def nearest_free(
    db: Db, unit_id: UUID, service: str, wanted: datetime, person_id: UUID, *, last: date, count: int = 3
) -> list[dict[str, Any]]:
    """The free times nearest to the one a person wanted, as JSON values: what a refusal offers instead."""
    now = clock.now()
    params = {"unit_id": unit_id, "service": service, "wanted": wanted, "count": count, "now": now, "last": last}
    rows = await db.execute(_NEAREST, params | {"person_id": person_id, "earliest": now + timedelta(minutes=30)})
    return [{"start_at": row.start_at.isoformat(), "room": row.room} for row in rows]


@dataclass(frozen=True, slots=True)
class Access:
    """How far off the third free time of a service is at a unit, on a day there; None when there aren't three."""

    unit_id: UUID
    service: str
    on_date: date
    days: int | None


async def third_next_by_unit(db: Db) -> list[Access]:
    """The third next available time of every service of every unit, in one statement."""
    now = clock.now()
    params = {"now": now, "earliest": now + timedelta(minutes=MEDICAL.min_ahead_minutes)} | horizon_parameters()
    return [Access(*row) for row in await db.execute(_THIRD_EVERYWHERE, params)]
