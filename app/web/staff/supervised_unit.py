"""Which unit a supervisor's page is about: the one in the address, or the only one where they work."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.appointments.service.closures import require_unit_manager
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.places.queries import unit_by_clues, unit_by_id, units_by_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

FIELD = "unidad"
MAX_LISTED = 50


async def supervised_unit(tx: AsyncSession, actor: Staff, request: Request) -> Unit | None:
    """The unit of the address, by id or CLUES; without one the only unit of the actor, or none: they choose.

    Raises:
        WrongRole: the actor manages no schedules. UnitNotManaged: not those of this unit. NotFound: no such unit.
    """
    require(actor, Action.MANAGE_SCHEDULES)
    asked = request.query_params.get(FIELD, "").strip()
    if asked:
        try:
            unit = await unit_asked_for(tx, asked)
        except NotFound:  # mistyped: they choose again
            return None
    elif actor.unit_ids is not None and len(actor.unit_ids) == 1:
        unit = await unit_by_id(tx, next(iter(actor.unit_ids)))
    else:
        return None
    require_unit_manager(actor, unit.id)
    return unit


async def unit_asked_for(tx: AsyncSession, asked: str) -> Unit:
    """The unit of an id or a CLUES.

    Raises:
        NotFound: there is none.
    """
    try:
        return await unit_by_id(tx, UUID(asked))
    except ValueError:
        if len(asked) > MAX_LISTED or not asked.isalnum():
            raise NotFound from None
        return await unit_by_clues(tx, asked.upper())


async def units_to_choose(tx: AsyncSession, actor: Staff) -> Sequence[Unit]:
    """The units of the actor, to choose one; none for who works at all of them: they write its CLUES."""
    return await units_by_id(tx, sorted(actor.unit_ids)[:MAX_LISTED]) if actor.unit_ids else []
