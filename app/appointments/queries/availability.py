"""What is free, and at which times. One statement a question, whatever its span."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import horizon_parameters, last_open_day_sql
from app.appointments.rules import MEDICAL
from app.kernel import clock
from app.kernel.db import Db

THIRD = 3

# What can be offered now: free and past its release delay, or held by an expired hold.
OFFERED = "((state = 'free' AND free_from <= :now) OR (state = 'held' AND held_until <= :now))"
# A unit out of operation offers nothing, whatever seats are left from before.
OPERATING = "(SELECT is_operating FROM unit WHERE id = CAST(:unit_id AS uuid))"
# To its last holder also within the release delay.
OFFERED_TO = (
    "((state = 'free' AND (free_from <= :now OR freed_by = CAST(:person_id AS uuid)))"
    " OR (state = 'held' AND held_until <= :now))"
)

# A person's own doctor is a room and a shift; who has no shift of their own is attended in any.
MINE = (
    "room IS NOT DISTINCT FROM CAST(:room AS integer)"
    " AND (CAST(:shift AS text) IS NULL OR shift = CAST(:shift AS text))"
)


# No overlap with the person's other appointments. Checked only if they have one: the index lacks the minutes.
_NOT_BUSY = """
    AND NOT tstzrange(start_at, start_at + make_interval(mins => minutes))
        && CAST(CAST(:busy AS text) AS tstzmultirange)
"""


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


_DAYS = f"""
    SELECT on_date AS day, count(*) AS seats, min(start_at) AS first_at,
        min(start_at) FILTER (WHERE {MINE}) AS first_mine_at, count(*) FILTER (WHERE {MINE}) AS mine
    FROM seat
    WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service
        AND on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date) AND start_at >= :earliest
        AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING} {{more}}
    GROUP BY on_date ORDER BY on_date
    """
# At each time the person's own room first, then the lowest number: one row a time.
_TIMES = f"""
    SELECT DISTINCT ON (start_at) start_at, room, minutes, count(*) OVER (PARTITION BY start_at) AS seats,
        ({MINE}) AS is_mine
    FROM seat
    WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND on_date = CAST(:day AS date)
        AND on_date <= CAST(:last AS date)
        AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING} {{more}}
    ORDER BY start_at, ({MINE}) DESC, room
    """
_OF_DAYS, _OF_DAYS_BUSY, _OF_TIMES, _OF_TIMES_BUSY = (
    text(statement.format(more=more)) for statement in (_DAYS, _TIMES) for more in ("", _NOT_BUSY)
)
_NEXT = text(
    f"""
    SELECT start_at FROM seat
    WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service
        AND on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date)
        AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED} AND {OPERATING}
    ORDER BY on_date, start_at OFFSET CAST(:skip AS integer) LIMIT 1
    """
)
_WANTED_ON = clock.local_day_sql(
    "CAST(:wanted AS timestamptz)", "(SELECT timezone FROM unit WHERE id = CAST(:unit_id AS uuid))"
)
_NEAREST = text(
    f"""
    SELECT start_at, room FROM (
        (SELECT DISTINCT ON (start_at) start_at, room FROM seat
            WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND on_date BETWEEN
                {_WANTED_ON} - 1 AND least({_WANTED_ON} + 7, CAST(:last AS date))
                AND start_at >= CAST(:wanted AS timestamptz)
                AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING}
            ORDER BY start_at, room LIMIT :count)
        UNION ALL
        (SELECT DISTINCT ON (start_at) start_at, room FROM seat
            WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND on_date BETWEEN
                {_WANTED_ON} - 1 AND least({_WANTED_ON} + 1, CAST(:last AS date))
                AND start_at < CAST(:wanted AS timestamptz)
                AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING}
            ORDER BY start_at DESC, room LIMIT :count)
    ) near
    ORDER BY abs(extract(epoch FROM start_at - CAST(:wanted AS timestamptz))) LIMIT :count
    """
)


async def free_days(
    db: Db, unit_id: UUID, service: str, *, own: Own, first: date, last: date, earliest: datetime
) -> list[FreeDay]:
    """Days with free times from one to another, and the first time of each: one statement whatever their number."""
    params = {"unit_id": unit_id, "service": service, "first": first, "last": last, "earliest": earliest}
    statement = _OF_DAYS_BUSY if own.busy else _OF_DAYS
    return [FreeDay(*row) for row in await db.execute(statement, params | own.parameters() | {"now": clock.now()})]


async def free_times(
    db: Db, unit_id: UUID, service: str, day: date, *, own: Own, last: date, earliest: datetime
) -> list[FreeTime]:
    """The free times of a day, if it isn't after the last that can be booked: one row a time, the person's own doctor
    first."""
    params = {"unit_id": unit_id, "service": service, "day": day, "last": last, "earliest": earliest}
    statement = _OF_TIMES_BUSY if own.busy else _OF_TIMES
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
    found: datetime | None = (await db.execute(_NEXT, params | {"now": clock.now()})).scalar_one_or_none()
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


# One probe of the index for each unit and service; who has no schedule in force offers nothing to wait for.
_TODAY = clock.local_day_sql("CAST(:now AS timestamptz)", "u.timezone")
_LAST = last_open_day_sql("CAST(:now AS timestamptz)", "u.timezone")
_THIRD_EVERYWHERE = text(
    f"""
    SELECT o.unit_id, o.service, o.today AS on_date, third.on_date - o.today AS days
    FROM (
        SELECT DISTINCT s.unit_id, s.service, {_TODAY} AS today, {_LAST} AS last
        FROM schedule s JOIN unit u ON u.id = s.unit_id
        WHERE u.is_operating AND (s.valid_to IS NULL
            OR s.valid_to >= {_TODAY})
    ) o
    LEFT JOIN LATERAL (
        SELECT on_date FROM seat
        WHERE unit_id = o.unit_id AND service = o.service AND on_date BETWEEN o.today AND o.last
            AND start_at >= :earliest
            AND state IN ('free', 'held') AND {OFFERED}
        ORDER BY on_date, start_at OFFSET {THIRD - 1} LIMIT 1
    ) third ON true
    ORDER BY o.unit_id, o.service
    """
)


async def third_next_by_unit(db: Db) -> list[Access]:
    """The third next available time of every service of every unit, in one statement."""
    now = clock.now()
    params = {"now": now, "earliest": now + timedelta(minutes=MEDICAL.min_ahead_minutes)} | horizon_parameters()
    return [Access(*row) for row in await db.execute(_THIRD_EVERYWHERE, params)]
