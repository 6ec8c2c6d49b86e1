"""From a location of Open311 to the unit that is meant: by its CLUES, by a point nearby, or by its name."""

import math
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.interop.open311.rules import degrees
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound
from app.places.models import Unit
from app.places.queries import search_units, unit_by_clues
from app.places.rules import Point, kilometres

NEAR_KM = 1.0
"""How far from a unit a point may be that means it. Ours: a hospital's grounds and their surroundings."""
_KM_PER_DEGREE = 110.0
LOCATION = N_("Diga de qué unidad se trata: su CLUES en address_id, o lat y long, o su nombre en address_string.")
UNKNOWN_CLUES = N_("No hay una unidad con esa CLUES.")
NOTHING_NEAR = N_("No hay una unidad a menos de un kilómetro. Envíe su CLUES en address_id.")
A_POINT = N_("Escriba lat y long en grados, como 19.4326 y -99.1332.")
NOT_ONE = N_("Ese texto no es de una sola unidad. Envíe su CLUES en address_id.")


async def unit_meant(session: AsyncSession, given: Mapping[str, str]) -> Unit:
    """The unit that a request is about. Of several locations the most exact one counts.

    Raises:
        Invalid: none is given, or it is no unit's.
    """
    clues, address, lat, long = (given.get(one, "").strip() for one in ("address_id", "address_string", "lat", "long"))
    if clues:
        return await _named(session, clues)
    if lat or long:
        return await _nearest(session, lat, long)
    if address:
        found = await search_units(session, address, limit=2)
        if len(found) != 1:
            raise Invalid(fields=[FieldError("address_string", NOT_ONE, "not_one_unit")])
        return found[0]
    raise Invalid(fields=[FieldError("address_id", LOCATION, "missing")])


async def _named(session: AsyncSession, clues: str) -> Unit:
    try:
        return await unit_by_clues(session, clues)
    except NotFound as error:
        raise Invalid(fields=[FieldError("address_id", UNKNOWN_CLUES, "unknown_unit")]) from error


async def _nearest(session: AsyncSession, lat: str, long: str) -> Unit:
    place = degrees(lat, long)
    if place is None:
        raise Invalid(fields=[FieldError("lat", A_POINT, "no_point")])
    here = Point(*place)
    north = NEAR_KM / _KM_PER_DEGREE
    east = north / max(math.cos(math.radians(here.latitude)), 0.01)
    around = select(Unit).where(
        Unit.is_operating,
        Unit.latitude.between(here.latitude - north, here.latitude + north),
        Unit.longitude.between(here.longitude - east, here.longitude + east),
    )
    apart = [
        (kilometres(here, Point(unit.latitude, unit.longitude)), unit.clues, unit)
        for unit in await session.scalars(around)
        if unit.latitude is not None and unit.longitude is not None
    ]
    if not apart or min(apart)[0] > NEAR_KM:
        raise Invalid(fields=[FieldError("lat", NOTHING_NEAR, "no_unit_near")])
    return min(apart)[2]
