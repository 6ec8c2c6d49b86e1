"""Close a time and open it again: exceptions of a unit, a shift or a room. Days off are in `days_off`.

Free and held seats close; booked ones stay, are marked affected, listed, and each person is notified once. The seats of
a closure carry its id in `closed_by`, and the database refuses a booking of a closed seat.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import (
    AppointmentAffected,
    AppointmentReinstated,
    ScheduleExceptionCreated,
    ScheduleExceptionRemoved,
)
from app.appointments.models import ScheduleException
from app.appointments.problems import RoomUnknown, UnitNotManaged
from app.appointments.release_changes import HitDraw, hit_draws
from app.appointments.rules import closure_errors
from app.appointments.service.rebooking import Offered, event_fields, offer_times, withdraw_offers
from app.appointments.service.release_snapshot import snapshot_of_draws
from app.appointments.statements import STATEMENTS
from app.identity.permissions import Action, may
from app.kernel import clock, ids
from app.kernel.actor import Actor, System
from app.kernel.db import rows_written
from app.kernel.events import record
from app.kernel.problems import Invalid, NotFound
from app.places.models import Room
from app.places.queries import zone_of

MAX_LISTED = 500

# NO KEY: bookings refer to the unit and must not wait for a closure at it.
LOCK_UNIT = text("SELECT timezone, is_operating FROM unit WHERE id = CAST(:unit_id AS uuid) FOR NO KEY UPDATE")
MARK_OF_SCHEDULE = STATEMENTS.load("closures/mark", variant="by_schedule", covered="by_schedule")
REOPEN = STATEMENTS.load("closures/reopen")
_REASON_LEFT = STATEMENTS.load("closures/reason_left")
_UNMARK = STATEMENTS.load("closures/unmark")
_AT_UNIT = STATEMENTS.load("closures/at_unit")
_STILL_AFFECTED = STATEMENTS.load("closures/still_affected")
_LOST = STATEMENTS.load("rebooking/lost")


class Covered:
    """The statements about the seats that a closure covers; `condition` is the file that says which these are."""

    def __init__(self, condition: str) -> None:
        def load(name: str) -> TextClause:
            return STATEMENTS.load(f"closures/{name}", variant=condition, covered=condition)

        self.lock_booked, self.close, self.mark, self.list = map(load, ("lock_booked", "close", "mark", "list"))
        self.lock_offered = STATEMENTS.load("rebooking/lock_offered", variant=condition, covered=condition)


BY_EXCEPTION = Covered("by_exception")
BY_HOLIDAY = Covered("by_holiday")


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
class Reinstated:
    """An appointment that couldn't take place as booked, and stands again."""

    folio: str
    person_id: UUID
    service: str
    room: int
    start_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure made: its id, the seats it closed, the appointments it hits, and what was offered instead."""

    id: UUID
    closed_seats: int
    affected: list[Affected]
    offers: Sequence[Offered] = ()
    draws: Sequence[HitDraw] = ()
    """Draws that lose seats, until it is taken back."""


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
    offers_times: bool = False,
) -> Closed:
    """Close a unit, a shift or a room for a while. `offers_times`: hold another time for each person whom it hits.

    Raises:
        UnitNotManaged, NotFound: the actor doesn't manage the unit, or it doesn't exist. Invalid: the days are
        too far away. RoomUnknown.
    """
    require_unit_manager(actor, unit_id)
    if (await session.execute(LOCK_UNIT, {"unit_id": unit_id})).one_or_none() is None:
        raise NotFound
    zone = await zone_of(session, unit_id)
    wrong = closure_errors(clock.local_day(starts_at, zone), clock.local_day(ends_at, zone), clock.today(zone))
    if wrong:
        raise Invalid(fields=wrong)
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
    before = await snapshot_of_draws(session, unit_id)
    closed = await close_covered(session, actor, BY_EXCEPTION, cover(exception), reason, offers_times=offers_times)
    closed = replace(closed, draws=hit_draws(before, await snapshot_of_draws(session, unit_id)) if before.draws else ())
    event = ScheduleExceptionCreated(
        subject_id=exception.id,
        unit_id=unit_id,
        reason=reason,
        starts_at=starts_at,
        ends_at=ends_at,
        affected=len(closed.affected),
    )
    await record(session, actor, event)
    return closed


async def close_covered(
    session: AsyncSession,
    actor: Actor,
    covered: Covered,
    params: dict[str, Any],
    reason: str,
    *,
    offers_times: bool = False,
) -> Closed:
    """Close the seats, mark the appointments, record one event each. Who was offered a seat that closes now is offered
    another, and notified of it."""
    params = params | {"now": clock.now()}
    await session.execute(covered.lock_booked, params)
    offered_there = (await session.execute(covered.lock_offered, params)).scalars().all()
    closed = await rows_written(session, covered.close, params)
    await withdraw_offers(session, offered_there)
    marked = (await session.execute(covered.mark, params | {"reason": reason})).all()
    again = (await session.execute(_STILL_AFFECTED, {"appointments": list(offered_there)})).all()
    entitled = {row.id for row in (*marked, *again)} if offers_times else set(offered_there)
    offers = await _announce(session, actor, params["id"], [*marked, *again], entitled)
    hits = await listed(session, covered, params)
    return Closed(params["id"], closed, hits, offers)


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


async def listed(session: AsyncSession, covered: Covered, params: dict[str, Any]) -> list[Affected]:
    """The appointments that can't take place on the seats that a closure covers, by time: neither those that were
    attended nor those whose time had begun."""
    found = await session.execute(covered.list, params)
    return [Affected(*row) for row in found]


async def notify_affected(
    session: AsyncSession, actor: Actor, mark: TextClause, params: dict[str, Any], *, offers_times: bool = False
) -> list[Offered]:
    """Mark the appointments that a statement finds and record one event each, from which the person is notified.
    `offers_times`: hold another time for each."""
    marked = (await session.execute(mark, params)).all()
    entitled = {row.id for row in marked} if offers_times else set()
    return await _announce(session, actor, params.get("id"), marked, entitled)


async def replace_lost_offers(session: AsyncSession, actor: Actor, cause_id: UUID, unit_id: UUID) -> None:
    """Offer another time to each person whose offered seat at this unit was removed."""
    lost = (await session.execute(_LOST, {"unit_id": unit_id, "now": clock.now()})).all()
    await withdraw_offers(session, [row.id for row in lost])
    await _announce(session, actor, cause_id, lost, {row.id for row in lost})


async def _announce(
    session: AsyncSession, actor: Actor, cause_id: UUID | None, rows: Sequence[Any], entitled: Collection[UUID]
) -> list[Offered]:
    """Record that these appointments are affected, with the times that are offered to those entitled to one."""
    offers: dict[UUID, Offered] = {}
    if cause_id is not None:
        for unit_id in sorted({row.unit_id for row in rows}):
            hit = [row.id for row in rows if row.unit_id == unit_id and row.id in entitled]
            offers |= await offer_times(session, cause_id, unit_id, hit)
    for row in rows:
        event = AppointmentAffected(**_about(row), **event_fields(offers.get(row.id)), reason=row.affected)
        await record(session, actor, event)
    return list(offers.values())


async def notify_reinstated(session: AsyncSession, actor: Actor, unit_id: UUID | None) -> list[Reinstated]:
    """Appointments of the unit, or of all, that nothing closes any more stand again; each person is notified.
    Those that something else still closes say what."""
    await session.execute(_REASON_LEFT, {"unit_id": unit_id, "now": clock.now()})
    stand = (await session.execute(_UNMARK, {"unit_id": unit_id, "now": clock.now()})).all()
    await withdraw_offers(session, [row.id for row in stand])
    for row in stand:
        await record(session, actor, AppointmentReinstated(**_about(row)))
    return [Reinstated(row.folio, row.person_id, row.service, row.room, row.start_at, row.version) for row in stand]


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
        "version": row.version,
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


async def reopen(session: AsyncSession, actor: Actor, exception_id: UUID) -> list[Reinstated]:
    """Take a closure back: its seats are free again, unless another closure covers them, and its appointments, which
    are returned, stand."""
    exception = await own_exception(session, actor, exception_id, lock=True)
    await session.execute(LOCK_UNIT, {"unit_id": exception.unit_id})
    await session.execute(REOPEN, {"id": exception.id, "unit_id": exception.unit_id})
    await session.delete(exception)
    await session.flush()
    await record(session, actor, ScheduleExceptionRemoved(subject_id=exception.id, unit_id=exception.unit_id))
    return await notify_reinstated(session, actor, exception.unit_id)
