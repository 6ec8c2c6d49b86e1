"""The units to choose from where a form asks for one that may serve the person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import list_units, nearby_units, unit_by_id
from app.registry.models import Person
from app.registry.queries import units_serving

MAX_UNITS = 12


async def units_to_choose(session: AsyncSession, person: Person, answers: Mapping[str, Any]) -> list[Unit]:
    """The units that serve the postal code given; where it isn't known which do, those there and near the person's own.
    What was chosen before stays among them."""
    postal_code = answers.get("postal_code")
    found = await units_serving(session, str(postal_code)) if postal_code else []
    chosen = [unit for unit in [await unit_named(session, answers.get("unit_id"))] if unit is not None]
    if found:
        return list({unit.id: unit for unit in [*found, *chosen]}.values())
    found = await list_units(session, limit=MAX_UNITS, postal_code=str(postal_code)) if postal_code else []
    own = await unit_by_id(session, person.unit_id) if person.unit_id else None
    if own is not None:
        found = [*found, own, *await nearby_units(session, own, MAX_UNITS)]
    if not found:
        found = await list_units(session, limit=MAX_UNITS)
    return list({unit.id: unit for unit in [*chosen, *found]}.values())[:MAX_UNITS]


async def unit_named(session: AsyncSession, unit_id: Any) -> Unit | None:
    """The unit of an answer; None for one that there isn't."""
    try:
        return await unit_by_id(session, UUID(str(unit_id)))
    except (ValueError, NotFound):
        return None
