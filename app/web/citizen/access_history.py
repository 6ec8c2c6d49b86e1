"""Who saw my data and who acted for me: the reader's role and unit, when, and where they saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.identity.service.assistance import Served, served_of
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Tx
from app.places.queries import units_by_id
from app.registry.access_history import views_of_person
from app.registry.access_log import REPRESENTATIVE
from app.web.browser import BrowserSessionWeb, CitizenWeb
from app.web.labels import CONTEXTS, READER_ROLES
from app.web.rendering import show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

router = APIRouter()

SHOWN = 25


@router.get("/mi/accesos")
async def accesses_page(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, despues: UUID | None = None
) -> Response:
    """Latest first, some dozens a page."""
    views = await views_of_person(tx, actor.person_id, limit=SHOWN + 1, after=despues)
    return show(
        request,
        browser,
        "citizen/access_history.html",
        views=views[:SHOWN],
        more=views[SHOWN - 1].id if len(views) > SHOWN else None,
        is_first=despues is None,
        served=await _served(tx, actor) if despues is None else [],
        roles=READER_ROLES,
        contexts=CONTEXTS,
        representative=REPRESENTATIVE,
        back="/mi",
    )


async def _served(tx: AsyncSession, actor: Citizen) -> list[tuple[Served, Unit]]:
    """Who acted for the person at a counter or on the telephone, and where."""
    rows = await served_of(tx, actor.person_id, limit=SHOWN)
    units = {unit.id: unit for unit in await units_by_id(tx, {row.unit_id for row in rows})}
    return [(row, units[row.unit_id]) for row in rows if row.unit_id in units]
