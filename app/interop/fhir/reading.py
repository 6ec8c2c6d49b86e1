"""Public resources by their ids: units, services, schedules and times."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.slots import slot_now
from app.interop.fhir import identifiers
from app.interop.fhir.inclusion import Reads
from app.interop.fhir.queries import room_service, unit_of
from app.interop.fhir.resources import places
from app.kernel.problems import NotFound
from app.kernel.settings import get_settings
from app.places.queries import unit_by_id

BOOKING_PATH = "/citas/horario"
"""The page that opens a time: `app/web/citizen/booking_link.py`."""


def booking_link() -> str:
    """Its address, to which the id of a time is added."""
    return get_settings().base_url + BOOKING_PATH


async def read_location(session: AsyncSession, id_: str) -> Mapping[str, Any]:
    """A unit. Raises NotFound."""
    return places.location(await unit_of(session, id_))


async def read_healthcare_service(session: AsyncSession, id_: str) -> Mapping[str, Any]:
    """A service at a unit. Raises NotFound."""
    try:
        offered = identifiers.parse_healthcare_service_id(id_)
    except ValueError as error:
        raise NotFound from error
    found = await room_service(session, offered)
    return places.healthcare_service(await unit_by_id(session, offered.unit_id), found.service)


async def read_schedule(session: AsyncSession, id_: str) -> Mapping[str, Any]:
    """The times of a room for a service. Raises NotFound."""
    try:
        offered = identifiers.parse_schedule_id(id_)
    except ValueError as error:
        raise NotFound from error
    found = await room_service(session, offered)
    return places.schedule(await unit_by_id(session, offered.unit_id), found)


async def read_slot(session: AsyncSession, id_: str) -> Mapping[str, Any]:
    """A time as it is now. Raises NotFound."""
    try:
        place = identifiers.parse_slot_id(id_)
    except ValueError as error:
        raise NotFound from error
    now = await slot_now(session, place)
    if now is None:
        raise NotFound
    time = places.SlotTime(
        place.unit_id, now.service, place.room, place.start_at, now.minutes, now.timezone, now.status, now.seats
    )
    return places.slot(time, booking_link())


def public_reads(session: AsyncSession) -> Reads:
    """How each public kind is read."""
    return {
        "Location": lambda id_: read_location(session, id_),
        "HealthcareService": lambda id_: read_healthcare_service(session, id_),
        "Schedule": lambda id_: read_schedule(session, id_),
        "Slot": lambda id_: read_slot(session, id_),
    }
