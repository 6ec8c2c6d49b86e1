"""Why there is nothing free, and what else can be done: facts, each of which can be looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.horizon import horizon_parameters, opening_of
from app.appointments.rules import MEDICAL, Pattern, first_attended
from app.appointments.statements import STATEMENTS
from app.kernel import clock
from app.places.calendar import federal_holidays

LOOK_AHEAD = 60
"""Days after the last open one among which the next that has times is looked for."""
MAX_UNITS = 3


@dataclass(frozen=True, slots=True)
class FreeElsewhere:
    """Another unit where the service can be had, and its first free time."""

    unit_id: UUID
    name: str
    timezone: str
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Unavailability:
    """Why there is nothing free, or nothing that the person may have (`refusal`). `shifts` and `rooms` were searched,
    until `searched_until`; `next_day` is the next one with times of the service, which can be booked from `opens_at`
    on; `walk_in_from` is by the unit's clock."""

    reason: str
    searched_until: date
    shifts: tuple[str, ...] = ()
    rooms: int = 0
    next_day: date | None = None
    opens_at: datetime | None = None
    walk_in_from: time | None = None
    next_free_at: datetime | None = None
    other_units: tuple[FreeElsewhere, ...] = ()
    refusal: str | None = None


_WHY = STATEMENTS.load("why_nothing")
_PATTERNS = STATEMENTS.load("offer/patterns")
_DAYS_OFF = STATEMENTS.load("offer/days_off")
_ELSEWHERE = STATEMENTS.load("free_elsewhere")


async def explain_unavailability(
    db: AsyncSession, unit_id: UUID, service: str, *, today: date, last: date, others: Sequence[UUID] = ()
) -> Unavailability:
    """Why a unit has nothing free for a service until a day: it doesn't operate, it has no schedule, it is closed or
    full, freed seats can't be offered yet, or its seats aren't released yet. `others`: units where the person may have
    the service too."""
    params = {"unit_id": unit_id, "service": service, "today": today, "last": last, "now": clock.now()}
    row = (await db.execute(_WHY, params)).one()
    elsewhere = await _elsewhere(db, service, others)
    if not row.is_operating:
        return Unavailability("not-operating", last, other_units=elsewhere)  # no one attends there, in any shift
    patterns = (await db.execute(_PATTERNS, params)).all()
    in_force = [one for one in patterns if one.valid_from <= last]
    if not in_force:
        reason = "no-schedule"
    elif row.releases_at is not None:
        reason = "release-delay"
    elif row.first_released_at is not None:
        reason = "not-released"
    else:
        reason = "full" if row.taken else "closed"
    next_day = await _next_day(db, unit_id, last, [_pattern(one) for one in patterns])
    return Unavailability(
        reason,
        last,
        shifts=tuple(dict.fromkeys(one.shift for one in in_force)),
        rooms=len({one.room for one in in_force}),
        next_day=next_day,
        opens_at=opening_of(next_day, row.timezone) if next_day else None,
        walk_in_from=row.opens,
        next_free_at=row.releases_at or row.first_released_at,
        other_units=elsewhere,
    )


def _pattern(row: object) -> Pattern:
    return Pattern(tuple(row.weekdays), 0, 1, row.valid_from, row.valid_to)  # type: ignore[attr-defined] # a row's


async def _next_day(db: AsyncSession, unit_id: UUID, last: date, patterns: Sequence[Pattern]) -> date | None:
    first, end = last + timedelta(days=1), last + timedelta(days=LOOK_AHEAD)
    off = set(await db.scalars(_DAYS_OFF, {"unit_id": unit_id, "first": first, "last": end}))
    return first_attended(patterns, {*off, *federal_holidays(first, end)}, first, end)


async def _elsewhere(db: AsyncSession, service: str, others: Sequence[UUID]) -> tuple[FreeElsewhere, ...]:
    if not others:
        return ()
    now = clock.now()
    params = {"service": service, "units": list(others), "now": now, "most": MAX_UNITS} | horizon_parameters()
    params["earliest"] = now + timedelta(minutes=MEDICAL.min_ahead_minutes)
    return tuple(FreeElsewhere(*row) for row in await db.execute(_ELSEWHERE, params))
