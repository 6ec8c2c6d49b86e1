"""Open a room's schedule, close a time, reopen it, and make the seats of the days ahead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import ScheduleClosed, ScheduleOpened, ScheduleReopened, SeatsOpened
from app.appointments.models import Schedule, ScheduleException
from app.appointments.problems import NotYourUnitToRun, ScheduleOverlaps
from app.appointments.rules import Pattern, overlaps, policy_of
from app.kernel import clock, ids
from app.kernel.actor import Actor, Role, Staff, System
from app.kernel.facts import record
from app.kernel.problems import NotFound
from app.places.calendar import federal_holidays
from app.places.queries import zone_of

RUNNERS = frozenset({Role.SUPERVISOR, Role.ADMIN})

# Every seat of the days ahead that isn't there yet, from the weekly patterns: local hours become instants in the
# unit's zone, days of rest are left out, and times under an exception are made closed. Safe to repeat.
_TODAY = clock.local_day_sql("CAST(:now AS timestamptz)", "u.timezone")
_MAKE = text(
    f"""
    INSERT INTO seat (unit_id, room, start_at, seat, service, shift, on_date, minutes, state, closed_by)
    SELECT s.unit_id, s.room, t.start_at, n.seat, s.service, s.shift, d.day, s.slot_minutes,
        CASE WHEN x.id IS NULL THEN 'free' ELSE 'closed' END, x.id
    FROM schedule s
    JOIN unit u ON u.id = s.unit_id
    CROSS JOIN LATERAL (
        SELECT CAST(g AS date) AS day FROM generate_series(greatest(s.valid_from, {_TODAY}),
            least(coalesce(s.valid_to, 'infinity'), {_TODAY} + CAST(:days AS integer)), '1 day') g
        WHERE extract(isodow FROM g) = ANY(s.weekdays)
    ) d
    CROSS JOIN LATERAL (
        SELECT (d.day + g) AT TIME ZONE u.timezone AS start_at FROM generate_series(
            '2000-01-01'::timestamp + s.starts, '2000-01-01'::timestamp + s.ends
                - make_interval(mins => s.slot_minutes), make_interval(mins => s.slot_minutes)) h
        CROSS JOIN LATERAL (SELECT h - '2000-01-01'::timestamp AS g) i
    ) t
    CROSS JOIN LATERAL generate_series(1, s.capacity) AS n(seat)
    LEFT JOIN LATERAL (
        SELECT e.id FROM schedule_exception e WHERE e.unit_id = s.unit_id
            AND (e.room IS NULL OR e.room = s.room) AND (e.shift IS NULL OR e.shift = s.shift)
            AND e.starts_at <= t.start_at AND t.start_at < e.ends_at ORDER BY e.id LIMIT 1
    ) x ON true
    WHERE (CAST(:unit_id AS uuid) IS NULL OR s.unit_id = CAST(:unit_id AS uuid))
        AND d.day <> ALL(CAST(:rest_days AS date[]))
        AND NOT EXISTS (SELECT 1 FROM holiday y
            WHERE y.on_date = d.day AND (y.unit_id IS NULL OR y.unit_id = s.unit_id))
        AND t.start_at > :now
    ORDER BY s.unit_id, s.room, t.start_at, n.seat
    ON CONFLICT ON CONSTRAINT pk_seat DO NOTHING
    """
)
_COVERED = """
    s.unit_id = CAST(:unit_id AS uuid) AND s.start_at >= CAST(:starts_at AS timestamptz)
    AND s.start_at < CAST(:ends_at AS timestamptz)
    AND (CAST(:room AS integer) IS NULL OR s.room = CAST(:room AS integer))
    AND (CAST(:shift AS text) IS NULL OR s.shift = CAST(:shift AS text))
"""
_CLOSE = text(
    f"""
    UPDATE seat s SET closed_by = CAST(:id AS uuid),
        state = CASE WHEN state IN ('free', 'held') THEN 'closed' ELSE state END,
        holder_id = CASE WHEN state = 'held' THEN NULL ELSE holder_id END, hold_id = NULL, held_until = NULL
    WHERE {_COVERED} AND closed_by IS NULL
    """
)
_AFFECTED = text(
    f"""
    SELECT a.folio, a.person_id, a.service, a.room, a.start_at FROM seat s
    JOIN appointment a ON a.unit_id = s.unit_id AND a.id = s.appointment_id
    WHERE s.state = 'booked' AND {_COVERED}
    ORDER BY a.start_at, a.room
    """
)
# Another exception may still cover a seat: then it stays closed, under that one.
_REOPEN = text(
    """
    UPDATE seat s SET closed_by = o.id,
        state = CASE WHEN s.state = 'closed' AND o.id IS NULL THEN 'free' ELSE s.state END
    FROM (
        SELECT t.unit_id, t.room, t.start_at, t.seat, (
            SELECT e.id FROM schedule_exception e WHERE e.unit_id = t.unit_id AND e.id <> CAST(:id AS uuid)
                AND (e.room IS NULL OR e.room = t.room) AND (e.shift IS NULL OR e.shift = t.shift)
                AND e.starts_at <= t.start_at AND t.start_at < e.ends_at ORDER BY e.id LIMIT 1) AS id
        FROM seat t WHERE t.unit_id = CAST(:unit_id AS uuid) AND t.closed_by = CAST(:id AS uuid)
    ) o
    WHERE (s.unit_id, s.room, s.start_at, s.seat) = (o.unit_id, o.room, o.start_at, o.seat)
    """
)
_LOCK_UNIT = text("SELECT timezone FROM unit WHERE id = CAST(:unit_id AS uuid) FOR UPDATE")


@dataclass(frozen=True, slots=True)
class Affected:
    """An appointment that a closure hits."""

    folio: str
    person_id: UUID
    service: str
    room: int
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure made: its id, the seats it closed, the appointments it hits."""

    id: UUID
    closed_seats: int
    affected: list[Affected]


def may_run(actor: Actor, unit_id: UUID) -> None:
    """Only supervisors and administrators of a unit change its schedule.

    Raises:
        NotYourUnitToRun: anyone else.
    """
    if isinstance(actor, System):
        return
    if not (isinstance(actor, Staff) and actor.role in RUNNERS and actor.works_at(unit_id)):
        raise NotYourUnitToRun


async def open_schedule(session: AsyncSession, actor: Actor, schedule: Schedule, *, horizon_days: int) -> int:
    """Give a room a weekly pattern and make its seats; returns how many seats were made.

    Raises:
        NotYourUnitToRun, NotFound: the unit isn't the actor's to run, or isn't known.
        ScheduleOverlaps: the room is in use at some of those hours.
    """
    may_run(actor, schedule.unit_id)
    policy_of(schedule.service)
    if (await session.execute(_LOCK_UNIT, {"unit_id": schedule.unit_id})).one_or_none() is None:
        raise NotFound
    same_room = select(Schedule).where(Schedule.unit_id == schedule.unit_id, Schedule.room == schedule.room)
    others = (await session.scalars(same_room)).all()
    if any(overlaps(_pattern(schedule), _pattern(other)) for other in others):
        raise ScheduleOverlaps
    session.add(schedule)
    await session.flush()
    fact = ScheduleOpened(
        subject_id=schedule.id,
        unit_id=schedule.unit_id,
        service=schedule.service,
        room=schedule.room,
        shift=schedule.shift,
        valid_from=schedule.valid_from,
    )
    await record(session, actor, fact)
    return await make_seats(session, horizon_days=horizon_days, unit_id=schedule.unit_id)


def _pattern(schedule: Schedule) -> Pattern:
    starts, ends = (moment.hour * 60 + moment.minute for moment in (schedule.starts, schedule.ends))
    return Pattern(tuple(schedule.weekdays), starts, ends, schedule.valid_from, schedule.valid_to)


async def make_seats(session: AsyncSession, *, horizon_days: int, unit_id: UUID | None = None) -> int:
    """Make the seats of the coming days, of one unit or of all; returns how many were missing. Safe to repeat."""
    now = clock.now()
    first, *_between, last = clock.todays()
    last += timedelta(days=horizon_days)
    asked = {"now": now, "days": horizon_days, "unit_id": unit_id, "rest_days": federal_holidays(first, last)}
    made = int((await session.execute(_MAKE, asked)).rowcount)  # type: ignore[attr-defined] # an INSERT's cursor
    if made and unit_id is not None:
        until = clock.today(await zone_of(session, unit_id)) + timedelta(days=horizon_days)
        await record(
            session, System("schedules"), SeatsOpened(subject_id=unit_id, unit_id=unit_id, seats=made, until=until)
        )
    return made


async def close(
    session: AsyncSession,
    actor: Actor,
    *,
    unit_id: UUID,
    room: int | None,
    shift: str | None,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
) -> Closed:
    """Close a unit, a shift or a room for a while. Free and held seats close now; booked ones stay, and are listed.

    Raises:
        NotYourUnitToRun, NotFound: the unit isn't the actor's to run, or isn't known.
    """
    may_run(actor, unit_id)
    if (await session.execute(_LOCK_UNIT, {"unit_id": unit_id})).one_or_none() is None:
        raise NotFound
    exception = ScheduleException(
        id=ids.new_id(),
        unit_id=unit_id,
        room=room,
        shift=shift,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        created_by=actor.id,
        created_at=clock.now(),
    )
    session.add(exception)
    await session.flush()
    closed = await session.execute(_CLOSE, _cover(exception) | {"id": exception.id})
    hit = await affected(session, exception)
    fact = ScheduleClosed(
        subject_id=exception.id,
        unit_id=unit_id,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        affected=len(hit),
    )
    await record(session, actor, fact)
    return Closed(exception.id, int(closed.rowcount), hit)  # type: ignore[attr-defined] # an UPDATE's cursor


def _cover(exception: ScheduleException) -> dict[str, Any]:
    return {
        "unit_id": exception.unit_id,
        "room": exception.room,
        "shift": exception.shift,
        "starts_at": exception.starts_at,
        "ends_at": exception.ends_at,
    }


async def affected(session: AsyncSession, exception: ScheduleException) -> list[Affected]:
    """The live appointments that a closure hits, by time."""
    return [Affected(*row) for row in await session.execute(_AFFECTED, _cover(exception))]


async def own_exception(session: AsyncSession, actor: Actor, exception_id: UUID) -> ScheduleException:
    """A closure of a unit the actor runs.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    exception = await session.get(ScheduleException, exception_id)
    if exception is None:
        raise NotFound
    try:
        may_run(actor, exception.unit_id)
    except NotYourUnitToRun as error:
        raise NotFound from error
    return exception


async def reopen(session: AsyncSession, actor: Actor, exception_id: UUID) -> None:
    """Take a closure back: its seats are free again, unless another closure covers them."""
    exception = await own_exception(session, actor, exception_id)
    await session.execute(_REOPEN, {"id": exception.id, "unit_id": exception.unit_id})
    await session.delete(exception)
    await session.flush()
    await record(session, actor, ScheduleReopened(subject_id=exception.id, unit_id=exception.unit_id))


_PURGE = text(
    f"""
    DELETE FROM seat s USING unit u
    WHERE u.id = s.unit_id AND s.on_date < {clock.local_day_sql("CAST(:before AS timestamptz)", "u.timezone")}
        AND (s.state <> 'booked' OR EXISTS (SELECT 1 FROM appointment a
            WHERE a.unit_id = s.unit_id AND a.id = s.appointment_id AND a.status <> 'booked'))
    """
)


async def purge_past(session: AsyncSession, before: datetime) -> int:
    """Delete seats of days that were over, at their unit, by an instant; returns how many. The appointment keeps the
    history, so a booked seat goes only when its appointment is closed: whatever the clock says, no open appointment
    loses its seat."""
    result = await session.execute(_PURGE, {"before": before})
    return int(result.rowcount)  # type: ignore[attr-defined] # a DELETE's cursor


async def schedules_of(session: AsyncSession, actor: Actor, unit_id: UUID) -> list[Schedule]:
    """The weekly patterns of a unit the actor runs, by room and hour.

    Raises:
        NotYourUnitToRun: the unit isn't theirs.
    """
    may_run(actor, unit_id)
    chosen = select(Schedule).where(Schedule.unit_id == unit_id).order_by(Schedule.room, Schedule.starts)
    return list((await session.scalars(chosen)).all())
