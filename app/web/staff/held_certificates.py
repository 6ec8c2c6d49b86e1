"""Documents that couldn't be printed as written: whose, and which letters are missing."""

from fastapi import APIRouter, Request, Response

from app.certificates.unprintable import list_unprintable
from app.certificates.words import title_of
from app.identity.permissions import Action, require
from app.kernel.http.parameters import Tx
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.rendering import show
from app.web.staff.header import HEADER
from app.web.staff.list_query import clocks_of, leave_out_all

router = APIRouter(prefix="/ventanilla/constancias", dependencies=[RECORDS_VIEWS, HEADER])


@router.get("")
async def held_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Of the actor's units, oldest first."""
    require(actor, Action.READ_HELD_CERTIFICATES)
    leave_out_all(request)
    rows = await list_unprintable(tx, actor)
    record_views(actor, ViewContext.CERTIFICATE, {row.person_id: row.unit_id for row in rows})
    zones = {row.request_id: await zone_of(tx, row.unit_id) for row in rows}
    titles = {row.request_id: title_of(row.template) for row in rows}
    return show(
        request,
        browser,
        "staff/held_certificates.html",
        rows=rows,
        titles=titles,
        zones=zones,
        clocks=clocks_of(actor, zones.values()),
        back="/ventanilla",
    )
