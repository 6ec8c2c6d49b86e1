"""Submitted: the confirmation with its folio, what happens next and until when, and how news of it arrives."""

from fastapi import APIRouter, Request, Response

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.identity.service import accounts
from app.kernel.http.parameters import Tx
from app.kernel.i18n import _
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.models import Person
from app.registry.queries import person_with_unit
from app.registry.view_recording import RECORDS_VIEWS
from app.requests import queries
from app.web.browser import BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_review import masked
from app.web.citizen.confirmations import done
from app.web.folios import Folio
from app.web.rendering import nowrap, redirect, show

COMPARED = "data_compared"
ENDED_UNDECIDED = {"withdrawn", "lapsed"}
"""Ends without a decision: the page shows those alone, not that the request was received."""
router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])


@router.get("/listo")
async def submitted_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """It was received. What was decided at once is on the request's own page; a draft goes on where it was."""
    row = await queries.own_request(tx, actor, folio)
    if row.kind == "draft":
        return redirect(request, browser, f"/tramites/{row.folio}")
    if row.kind != "review":
        page = f"/tramites/{row.folio}"
        return redirect(request, browser, page if row.outcome in ENDED_UNDECIDED else done(page, "enviada"))
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    found = await person_with_unit(tx, row.person_id)
    account = await accounts.account_of(tx, actor.person_id)
    service = await service_version(tx, row.service, row.service_version)
    return show(
        request,
        browser,
        "requests/submitted.html",
        row=row,
        service=service,
        person=found[0] if found else None,
        compared=compared(service, found[0]) if found else [],
        unit=found[1] if found else None,
        contact=masked(account.email or account.phone) if account else None,
        zone=await zone_of(tx, row.unit_id),
    )


def compared(service: Service, person: Person) -> list[dict[str, object]]:
    """The name and the CURP of who opened an account by them, for a service whose officer compares them. Both are what
    they typed themselves; nothing of the registry is shown."""
    if person.declared_at is None or all(one.rule != COMPARED for one in service.eligibility):
        return []
    rows: list[tuple[str, object]] = [(_("CURP que se va a comparar"), nowrap(person.curp))]
    if person.given_names:
        rows.insert(0, (_("Nombre que se va a comparar"), person.full_name))
    return [{"key": key, "value": value} for key, value in rows]
