"""Who saw my data: the reader's role and unit, when, and where they saw it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.kernel.http.parameters import Tx
from app.registry.access_history import views_of_person
from app.registry.access_log import REPRESENTATIVE
from app.web.browser import BrowserSessionWeb, CitizenWeb
from app.web.labels import CONTEXTS, READER_ROLES
from app.web.rendering import show

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
        roles=READER_ROLES,
        contexts=CONTEXTS,
        representative=REPRESENTATIVE,
        back="/mi",
    )
