"""Close a time and open it again: exceptions of a unit, a shift or a room. Days off are in `days_off`.

Free and held seats close; booked ones stay, are marked affected, listed, and each person is notified once. The seats of
a closure carry its id in `closed_by`, and the database refuses a booking of a closed seat.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import (
    AppointmentAffected,
    AppointmentReinstated,
    ScheduleExceptionCreated,
    ScheduleExceptionRemoved,
)
from app.appointments.models import ScheduleException
from app.appointments.problems import RoomUnknown, UnitNotManaged
from app.identity.permissions import Action, may
from app.kernel import clock, ids
from app.kernel.actor import Actor, System
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.places.models import Room

MAX_LISTED = 500

# NO KEY: bookings refer to the unit and must not wait for a closure at it.
LOCK_UNIT = text("SELECT timezone, is_operating FROM unit WHERE id = CAST(:unit_id AS uuid) FOR NO KEY UPDATE")
BY_EXCEPTION = """
    s.unit_id = CAST(:unit_id AS uuid) AND s.start_at >= CAST(:starts_at AS timestamptz)
    AND s.start_at < CAST(:ends_at AS timestamptz)
    AND (CAST(:room AS integer) IS NULL OR s.room = CAST(:room AS integer))
    AND (CAST(:shift AS text) IS NULL OR s.shift = CAST(:shift AS text))
"""
# Appointments are locked before seats, as moving and cancelling do.
_LOCK_BOOKED = """
    SELECT 1 FROM appointment a JOIN seat s ON s.unit_id = a.unit_id AND s.appointment_id = a.id
    WHERE a.status = 'booked' AND {covered} ORDER BY a.unit_id, a.id FOR UPDATE OF a
"""
_CLOSE = """
    UPDATE seat s SET closed_by = CAST(:id AS uuid), state = CASE WHEN state = 'booked' THEN state ELSE 'closed' END,
        holder_id = CASE WHEN state = 'held' THEN NULL ELSE holder_id END, hold_id = NULL, held_until = NULL
    WHERE {covered} AND closed_by IS NULL
"""
_AFFECTED = "a.folio, a.person_id, a.service, a.room, a.start_at"
_LIST = """
    SELECT {columns}, a.affected AS reason FROM seat s
    JOIN appointment a ON a.unit_id = s.unit_id AND a.id = s.appointment_id
    WHERE s.state = 'booked' AND {covered} ORDER BY a.start_at, a.room, a.folio
"""
# Once each: a marked appointment was notified already.
MARK = """
    UPDATE appointment a SET affected = :reason FROM seat s
    WHERE {covered} AND s.closed_by = CAST(:id AS uuid) AND s.state = 'booked'
        AND a.unit_id = s.unit_id AND a.id = s.appointment_id AND a.status = 'booked' AND a.affected IS NULL
        AND a.start_at > :now
    RETURNING a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes
"""
# Another exception or day off may still cover a seat: then it stays closed, under that one.
OTHER_CAUSE = """
    coalesce(
        (SELECT e.id FROM schedule_exception e WHERE e.unit_id = s.unit_id AND e.id <> CAST(:id AS uuid)
            AND (e.room IS NULL OR e.room = s.room) AND (e.shift IS NULL OR e.shift = s.shift)
            AND e.starts_at <= s.start_at AND s.start_at < e.ends_at ORDER BY e.id LIMIT 1),
        (SELECT y.id FROM holiday y WHERE y.on_date = s.on_date AND y.id <> CAST(:id AS uuid)
            AND (y.unit_id IS NULL OR y.unit_id = s.unit_id) ORDER BY y.id LIMIT 1))
"""
REOPEN = text(
    f"""
    UPDATE seat t SET closed_by = o.cause,
        state = CASE WHEN t.state = 'closed' AND o.cause IS NULL THEN 'free' ELSE t.state END
    FROM (SELECT s.unit_id, s.room, s.start_at, s.seat, {OTHER_CAUSE} AS cause FROM seat s
        WHERE (CAST(:unit_id AS uuid) IS NULL OR s.unit_id = CAST(:unit_id AS uuid))
            AND s.closed_by = CAST(:id AS uuid)) o
    WHERE (t.unit_id, t.room, t.start_at, t.seat) = (o.unit_id, o.room, o.start_at, o.seat)
    """
)
# What was closed twice is still closed, for the reason that is left.
_REASON_LEFT = text(
    """
    UPDATE appointment a SET affected = c.reason
    FROM seat s JOIN unit u ON u.id = s.unit_id, LATERAL (
        SELECT reason FROM schedule_exception e WHERE e.id = s.closed_by
        UNION ALL SELECT 'holiday' FROM holiday y WHERE y.id = s.closed_by) c
    WHERE (CAST(:unit_id AS uuid) IS NULL OR a.unit_id = CAST(:unit_id AS uuid)) AND a.status = 'booked'
        AND a.affected <> c.reason AND a.start_at > :now AND s.unit_id = a.unit_id AND s.appointment_id = a.id
        AND (s.room, s.start_at, s.seat) = (a.room, a.start_at, a.seat) AND u.is_operating
    """
)
_UNMARK = text(
    """
    UPDATE appointment a SET affected = NULL FROM seat s, unit u
    WHERE (CAST(:unit_id AS uuid) IS NULL OR a.unit_id = CAST(:unit_id AS uuid)) AND a.status = 'booked'
        AND a.affected IS NOT NULL AND a.start_at > :now AND s.unit_id = a.unit_id AND s.appointment_id = a.id
        AND (s.room, s.start_at, s.seat) = (a.room, a.start_at, a.seat)
        AND s.closed_by IS NULL AND u.id = a.unit_id AND u.is_operating
    RETURNING a.id, a.unit_id, a.person_id, a.service, a.folio, a.room, a.start_at, a.minutes
    """
)
_AT_UNIT = text(
    f"""
    SELECT {_AFFECTED}, a.affected AS reason FROM appointment a
    WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.status = 'booked' AND a.affected IS NOT NULL AND a.start_at > :now
        AND (CAST(:after AS text) IS NULL
            OR (a.start_at, a.folio) > (CAST(:after_at AS timestamptz), CAST(:after AS text)))
    ORDER BY a.start_at, a.folio LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Affected:
    """An appointment that can't take place as booked, and why."""

    folio: str
    person_id: UUID
    service: str
    room: int
    start_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure made: its id, the seats it closed, the appointments it hits."""

    id: UUID
    closed_seats: int
    affected: list[Affected]


def require_unit_manager(actor: Actor, unit_id: UUID | None) -> None:
    """Only supervisors and administrators of a unit change when it attends; the whole agency, who runs every unit.

    Raises:
        UnitNotManaged: anyone else.
    """
    if isinstance(actor, System):
        return
    if not may(actor, Action.MANAGE_SCHEDULES):
        raise UnitNotManaged
    if not (actor.unit_ids is None if unit_id is None else actor.works_at(unit_id)):
        raise UnitNotManaged


async def require_room(session: AsyncSession, unit_id: UUID, room: int) -> None:
    """Raise RoomUnknown unless the unit has this room."""
    if await session.get(Room, (unit_id, room)) is None:
        raise RoomUnknown


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
    """Close a unit, a shift or a room for a while.

    Raises:
        UnitNotManaged, NotFound: the actor doesn't manage the unit, or it doesn't exist. RoomUnknown.
    """
    require_unit_manager(actor, unit_id)
    if (await session.execute(LOCK_UNIT, {"unit_id": unit_id})).one_or_none() is None:
        raise NotFound
    if room is not None:
        await require_room(session, unit_id, room)
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
    closed = await close_covered(session, actor, BY_EXCEPTION, cover(exception), reason)
    fact = ScheduleExceptionCreated(
        subject_id=exception.id,
        unit_id=unit_id,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        affected=len(closed.affected),
    )
    await record(session, actor, fact)
    return closed


async def close_covered(
    session: AsyncSession, actor: Actor, covered: str, params: dict[str, Any], reason: str
) -> Closed:
    params = params | {"now": clock.now()}
    await session.execute(text(_LOCK_BOOKED.format(covered=covered)), params)
    closed = await session.execute(text(_CLOSE.format(covered=covered)), params)
    await notify_affected(session, actor, MARK.format(covered=covered), params | {"reason": reason})
    hit = await listed(session, covered, params)
    return Closed(params["id"], int(closed.rowcount), hit)  # type: ignore[attr-defined] # an UPDATE's cursor


def cover(exception: ScheduleException) -> dict[str, Any]:
    """What a closure covers, as the statements take it."""
    return {
        "id": exception.id,
        "unit_id": exception.unit_id,
        "room": exception.room,
        "shift": exception.shift,
        "starts_at": exception.starts_at,
        "ends_at": exception.ends_at,
    }


async def listed(session: AsyncSession, covered: str, params: dict[str, Any]) -> list[Affected]:
    """The live appointments on the seats that a condition covers, by time."""
    found = await session.execute(text(_LIST.format(columns=_AFFECTED, covered=covered)), params)
    return [Affected(*row) for row in found]


async def notify_affected(session: AsyncSession, actor: Actor, mark: str, params: dict[str, Any]) -> int:
    """Mark the appointments that a statement finds and record one event each, from which the person is notified."""
    marked = (await session.execute(text(mark), params)).all()
    for row in marked:
        await record(session, actor, AppointmentAffected(**_about(row), reason=params["reason"]))
    return len(marked)


async def notify_reinstated(session: AsyncSession, actor: Actor, unit_id: UUID | None) -> int:
    """Appointments of the unit, or of all, that nothing closes any more stand again; each person is notified.
    Those that something else still closes say what."""
    await session.execute(_REASON_LEFT, {"unit_id": unit_id, "now": clock.now()})
    stand = (await session.execute(_UNMARK, {"unit_id": unit_id, "now": clock.now()})).all()
    for row in stand:
        await record(session, actor, AppointmentReinstated(**_about(row)))
    return len(stand)


def _about(row: Any) -> dict[str, Any]:
    return {
        "subject_id": row.id,
        "unit_id": row.unit_id,
        "person_id": row.person_id,
        "service": row.service,
        "folio": row.folio,
        "room": row.room,
        "start_at": row.start_at,
        "minutes": row.minutes,
    }


async def affected(session: AsyncSession, exception: ScheduleException) -> list[Affected]:
    """The live appointments that a closure hits, by time."""
    return await listed(session, BY_EXCEPTION, cover(exception))


async def affected_at(
    session: AsyncSession, actor: Actor, unit_id: UUID, *, limit: int, after: tuple[datetime, str] | None = None
) -> list[Affected]:
    """Every appointment to come at a unit that can't take place as booked, by time, whatever the cause.

    Raises:
        UnitNotManaged: the actor doesn't manage the unit.
    """
    require_unit_manager(actor, unit_id)
    after_at, folio = after or (None, None)
    params = {"unit_id": unit_id, "now": clock.now(), "limit": limit, "after_at": after_at, "after": folio}
    return [Affected(*row) for row in await session.execute(_AT_UNIT, params)]


async def own_exception(
    session: AsyncSession, actor: Actor, exception_id: UUID, *, lock: bool = False
) -> ScheduleException:
    """A closure of a unit the actor manages.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    exception = await session.get(ScheduleException, exception_id, with_for_update=lock)
    if exception is None:
        raise NotFound
    require_managed(actor, exception.unit_id)
    return exception


def require_managed(actor: Actor, unit_id: UUID | None) -> None:
    """Raise NotFound unless the actor manages the unit."""
    try:
        require_unit_manager(actor, unit_id)
    except UnitNotManaged as error:
        raise NotFound from error


async def exceptions_of(session: AsyncSession, actor: Actor, unit_id: UUID, since: datetime) -> list[ScheduleException]:
    """The closures of a unit that end after an instant, by when they begin.

    Raises:
        UnitNotManaged: the actor doesn't manage the unit.
    """
    require_unit_manager(actor, unit_id)
    chosen = (
        select(ScheduleException)
        .where(ScheduleException.unit_id == unit_id, ScheduleException.ends_at > since)
        .order_by(ScheduleException.starts_at, ScheduleException.id)
        .limit(MAX_LISTED)
    )
    return list((await session.scalars(chosen)).all())


async def reopen(session: AsyncSession, actor: Actor, exception_id: UUID) -> None:
    """Take a closure back: its seats are free again, unless another closure covers them, and its appointments stand."""
    exception = await own_exception(session, actor, exception_id, lock=True)
    await session.execute(LOCK_UNIT, {"unit_id": exception.unit_id})
    await session.execute(REOPEN, {"id": exception.id, "unit_id": exception.unit_id})
    await session.delete(exception)
    await session.flush()
    await record(session, actor, ScheduleExceptionRemoved(subject_id=exception.id, unit_id=exception.unit_id))
    await notify_reinstated(session, actor, exception.unit_id)
