"""Reads for what FHIR names and no package lists: the services of units and of their rooms."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, literal, null, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Schedule
from app.interop.fhir.identifiers import OfferedService, service_of
from app.interop.fhir.resources.places import RoomService
from app.kernel.events import EventRow
from app.kernel.ids import uuid7_at
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import today_at, unit_by_id


async def unit_of(session: AsyncSession, id_: str) -> Unit:
    """The unit of a Location's id.

    Raises:
        NotFound: there is none.
    """
    try:
        return await unit_by_id(session, UUID(id_))
    except ValueError as error:
        raise NotFound from error


async def room_services(
    session: AsyncSession,
    *,
    limit: int,
    unit_ids: Collection[UUID] | None = None,
    services: Collection[str] | None = None,
    is_operating: bool | None = None,
    after: tuple[UUID, str, int] | None = None,
    by_room: bool = True,
) -> list[RoomService]:
    """The services of rooms that weekly patterns give today or later, by unit, service and room; unless `by_room`, of
    whole units (room 0)."""
    room = Schedule.room if by_room else literal(0)
    last = case((func.bool_or(Schedule.valid_to.is_(None)), null()), else_=func.max(Schedule.valid_to))
    wanted = (
        select(Schedule.unit_id, Schedule.service, room, func.min(Schedule.valid_from), last)
        .where(or_(Schedule.valid_to.is_(None), Schedule.valid_to >= today_at(Schedule.unit_id)))
        .group_by(Schedule.unit_id, Schedule.service, *([Schedule.room] if by_room else []))
        .order_by(Schedule.unit_id, Schedule.service, *([Schedule.room] if by_room else []))
        .limit(limit)
    )
    if unit_ids is not None:
        wanted = wanted.where(Schedule.unit_id.in_(unit_ids))
    if services is not None:
        wanted = wanted.where(Schedule.service.in_(services))
    if is_operating is not None:
        wanted = wanted.join(Unit, Unit.id == Schedule.unit_id).where(Unit.is_operating.is_(is_operating))
    if after is not None:
        place = (Schedule.unit_id, Schedule.service, *([Schedule.room] if by_room else []))
        wanted = wanted.where(tuple_(*place) > tuple_(*(after if by_room else after[:2])))
    return [RoomService(*row) for row in await session.execute(wanted)]


async def service_at(session: AsyncSession, offered: OfferedService) -> str:
    """The service that an id names.

    Raises:
        NotFound: the unit has none of that name.
    """
    known = service_of(offered.digest)
    if known is not None:
        return known
    names = select(Schedule.service).where(Schedule.unit_id == offered.unit_id).distinct()
    found = service_of(offered.digest, (await session.scalars(names)).all())
    if found is None:
        raise NotFound
    return found


async def room_service(session: AsyncSession, offered: OfferedService) -> RoomService:
    """The service of a unit, or of a room of it, that an id names.

    Raises:
        NotFound: no weekly pattern gives it today or later.
    """
    service = await service_at(session, offered)
    found = await room_services(
        session,
        limit=1000,
        unit_ids=[offered.unit_id],
        services=[service],
        by_room=offered.room is not None,
    )
    for one in found:
        if offered.room in (None, one.room):
            return one
    raise NotFound


async def publishing_units(session: AsyncSession) -> Sequence[Unit]:
    """The units in operation that give times, by CLUES."""
    gives = select(Schedule.unit_id).where(
        or_(Schedule.valid_to.is_(None), Schedule.valid_to >= today_at(Schedule.unit_id))
    )
    wanted = select(Unit).where(Unit.is_operating, Unit.id.in_(gives)).order_by(Unit.clues)
    return (await session.scalars(wanted)).all()


async def units_with_events(session: AsyncSession, since: datetime) -> set[UUID]:
    """The units of which something was recorded since an instant."""
    wanted = select(EventRow.unit_id).where(EventRow.id >= uuid7_at(since), EventRow.unit_id.is_not(None))
    return {one for one in await session.scalars(wanted.distinct()) if one is not None}


async def units_with_releases(session: AsyncSession) -> set[UUID]:
    """The units with schedules whose times are released later than they are made."""
    return set(await session.scalars(select(Schedule.unit_id).where(Schedule.release.is_not(None)).distinct()))
