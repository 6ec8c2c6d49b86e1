"""What is free, at which times, and why there is nothing. One statement a question, whatever its span."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import MEDICAL
from app.kernel import clock
from app.kernel.db import Db

THIRD = 3

# What can be offered to somebody now: free and rested, or held by someone whose time has lapsed.
OFFERED = "((state = 'free' AND free_from <= :now) OR (state = 'held' AND held_until <= :now))"
# A unit out of operation offers nothing, whatever seats are left from before.
OPERATING = "(SELECT is_operating FROM unit WHERE id = CAST(:unit_id AS uuid))"
# To one person also what they freed themselves a moment ago.
OFFERED_TO = (
    "((state = 'free' AND (free_from <= :now OR freed_by = CAST(:person_id AS uuid)))"
    " OR (state = 'held' AND held_until <= :now))"
)

# A person's own doctor is a room and a shift; who has no shift of their own is attended in any.
MINE = (
    "room IS NOT DISTINCT FROM CAST(:room AS integer)"
    " AND (CAST(:shift AS text) IS NULL OR shift = CAST(:shift AS text))"
)


@dataclass(frozen=True, slots=True)
class Own:
    """The room and shift a person is assigned to, where they are searching, and who they are."""

    room: int | None = None
    shift: str | None = None
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with free times at a unit."""

    day: date
    seats: int
    first_at: datetime
    first_mine_at: datetime | None


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A time that can be had; `is_mine` when it is in the person's own room and shift."""

    start_at: datetime
    room: int
    minutes: int
    seats: int
    is_mine: bool


_DAYS = text(
    f"""
    SELECT on_date AS day, count(*) AS seats, min(start_at) AS first_at,
        min(start_at) FILTER (WHERE {MINE}) AS first_mine_at
    FROM seat
    WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service
        AND on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date) AND start_at >= :earliest
        AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING}
    GROUP BY on_date ORDER BY on_date
    """
)
# At each time the person's own room first, then the lowest number: one row a time.
_TIMES = text(
    f"""
    SELECT DISTINCT ON (start_at) start_at, room, minutes, count(*) OVER (PARTITION BY start_at) AS seats,
        ({MINE}) AS is_mine
    FROM seat
    WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND on_date = CAST(:day AS date)
        AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING}
    ORDER BY start_at, ({MINE}) DESC, room
    """
)
_NEXT = text(
    f"""
    SELECT start_at FROM seat
    WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND on_date >= CAST(:today AS date)
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
                {_WANTED_ON} - 1 AND {_WANTED_ON} + 7
                AND start_at >= CAST(:wanted AS timestamptz)
                AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING}
            ORDER BY start_at, room LIMIT :count)
        UNION ALL
        (SELECT DISTINCT ON (start_at) start_at, room FROM seat
            WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service AND on_date BETWEEN
                {_WANTED_ON} - 1 AND {_WANTED_ON} + 1
                AND start_at < CAST(:wanted AS timestamptz)
                AND start_at >= :earliest AND state IN ('free', 'held') AND {OFFERED_TO} AND {OPERATING}
            ORDER BY start_at DESC, room LIMIT :count)
    ) near
    ORDER BY abs(extract(epoch FROM start_at - CAST(:wanted AS timestamptz))) LIMIT :count
    """
)


async def free_days(
    db: Db, unit_id: UUID, service: str, *, own: Own, first: date, days: int, earliest: datetime
) -> list[FreeDay]:
    """Days with free times, and the first of each: one statement whatever the number of days."""
    asked = {
        "unit_id": unit_id,
        "service": service,
        "room": own.room,
        "shift": own.shift,
        "person_id": own.person_id,
        "first": first,
        "now": clock.now(),
    }
    asked |= {"last": first + timedelta(days=days - 1), "earliest": earliest}
    return [FreeDay(*row) for row in await db.execute(_DAYS, asked)]


async def free_times(db: Db, unit_id: UUID, service: str, day: date, *, own: Own, earliest: datetime) -> list[FreeTime]:
    """The free times of a day, one row a time, the person's own room and shift first."""
    asked = {"unit_id": unit_id, "service": service, "day": day, "earliest": earliest}
    asked |= {"room": own.room, "shift": own.shift, "person_id": own.person_id}
    return [FreeTime(*row) for row in await db.execute(_TIMES, asked | {"now": clock.now()})]


async def third_next(
    db: AsyncSession, unit_id: UUID, service: str, *, today: date, earliest: datetime
) -> datetime | None:
    """The third next available time: the usual measure of access, steadier than the first (IHI)."""
    return await nth_next(db, unit_id, service, today=today, earliest=earliest, position=THIRD)


async def nth_next(
    db: AsyncSession, unit_id: UUID, service: str, *, today: date, earliest: datetime, position: int
) -> datetime | None:
    """The time of the n-th free seat from now on; None when there are fewer."""
    asked = {"unit_id": unit_id, "service": service, "today": today, "earliest": earliest, "skip": position - 1}
    found: datetime | None = (await db.execute(_NEXT, asked | {"now": clock.now()})).scalar_one_or_none()
    return found


async def nearest_free(
    db: Db, unit_id: UUID, service: str, wanted: datetime, person_id: UUID, count: int = 3
) -> list[dict[str, Any]]:
    """The free times nearest to the one a person wanted, as JSON values: what a refusal offers instead."""
    now = clock.now()
    asked = {"unit_id": unit_id, "service": service, "wanted": wanted, "count": count, "now": now}
    rows = await db.execute(_NEAREST, asked | {"person_id": person_id, "earliest": now + timedelta(minutes=30)})
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
_THIRD_EVERYWHERE = text(
    f"""
    SELECT o.unit_id, o.service, o.today AS on_date, third.on_date - o.today AS days
    FROM (
        SELECT DISTINCT s.unit_id, s.service, {_TODAY} AS today
        FROM schedule s JOIN unit u ON u.id = s.unit_id
        WHERE u.is_operating AND (s.valid_to IS NULL
            OR s.valid_to >= {_TODAY})
    ) o
    LEFT JOIN LATERAL (
        SELECT on_date FROM seat
        WHERE unit_id = o.unit_id AND service = o.service AND on_date >= o.today AND start_at >= :earliest
            AND state IN ('free', 'held') AND {OFFERED}
        ORDER BY on_date, start_at OFFSET {THIRD - 1} LIMIT 1
    ) third ON true
    ORDER BY o.unit_id, o.service
    """
)


async def third_next_everywhere(db: Db) -> list[Access]:
    """The third next available time of every service of every unit, in one statement."""
    now = clock.now()
    asked = {"now": now, "earliest": now + timedelta(minutes=MEDICAL.min_ahead_minutes)}
    return [Access(*row) for row in await db.execute(_THIRD_EVERYWHERE, asked)]


@dataclass(frozen=True, slots=True)
class NothingFree:
    """Why there is nothing free, and what else can be done. Hours are the unit's own."""

    reason: str
    book_opens_on: date
    other_shift_from: time | None
    other_shift_to: time | None
    walk_in_from: time | None
    next_free_at: datetime | None


_WHY = text(
    """
    SELECT
        (SELECT is_operating FROM unit WHERE id = CAST(:unit_id AS uuid)) AS is_operating,
        (SELECT count(*) FROM schedule s WHERE s.unit_id = CAST(:unit_id AS uuid) AND s.service = :service
            AND s.valid_from <= CAST(:last AS date) AND (s.valid_to IS NULL OR s.valid_to >= CAST(:today AS date)))
            AS schedules,
        (SELECT min(free_from) FROM seat WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service
            AND on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date) AND state = 'free' AND free_from > :now
            AND start_at > :now) AS resting_until,
        (SELECT count(*) FROM seat WHERE unit_id = CAST(:unit_id AS uuid) AND service = :service
            AND on_date BETWEEN CAST(:today AS date) AND CAST(:last AS date) AND start_at > :now
            AND state = 'booked') AS booked,
        (SELECT min(starts) FROM shift WHERE unit_id = CAST(:unit_id AS uuid)
            AND code IS DISTINCT FROM CAST(:shift AS text)) AS other_from,
        (SELECT max(ends) FROM shift WHERE unit_id = CAST(:unit_id AS uuid)
            AND code IS DISTINCT FROM CAST(:shift AS text)) AS other_to,
        (SELECT min(starts) FROM shift WHERE unit_id = CAST(:unit_id AS uuid)) AS opens
    """
)


async def why_nothing(
    db: AsyncSession, unit_id: UUID, service: str, *, today: date, horizon_days: int, shift: str | None
) -> NothingFree:
    """Why a unit has nothing free for a service: it doesn't operate, it has no schedule, it is closed or full, or freed
    seats still rest."""
    last = today + timedelta(days=horizon_days)
    asked = {"unit_id": unit_id, "service": service, "today": today, "last": last, "now": clock.now(), "shift": shift}
    row = (await db.execute(_WHY, asked)).one()
    # Each midnight of the unit one more day enters the book.
    opens_on = today + timedelta(days=1)
    if not row.is_operating:
        return NothingFree("not-operating", opens_on, None, None, None, None)  # nobody attends there, in any shift
    if row.schedules == 0:
        reason = "no-schedule"
    elif row.resting_until is not None:
        reason = "cooling-down"
    else:
        reason = "full" if row.booked else "closed"
    return NothingFree(reason, opens_on, row.other_from, row.other_to, row.opens, row.resting_until)
