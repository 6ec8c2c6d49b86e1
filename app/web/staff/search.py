"""Search over every request of the actor's units: one box for folio, CURP, NSS or a name."""

from fastapi import APIRouter, Request, Response

from app.catalog.shelf import shelf
from app.identity.access import StaffWeb, Visit, VisitWeb, require_role
from app.kernel.db import Tx, attempt
from app.kernel.problems import Problem
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.requests import queries
from app.requests.queries import WORKERS, Found
from app.web.forms import Form
from app.web.rendering import show

router = APIRouter(prefix="/ventanilla/buscar", dependencies=[RECORDS_VIEWS])

LONGEST = 120


@router.get("")
async def search_page(request: Request, visit: VisitWeb, actor: StaffWeb) -> Response:
    """The box alone."""
    require_role(actor, WORKERS)
    return _page(request, visit, "", [], None)


@router.post("")
async def searched(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form) -> Response:
    """By folio, CURP, NSS or name, with or without accents. Sent as a form: no personal data in an address, which
    histories and logs keep."""
    require_role(actor, WORKERS)
    q, found, problem = form.get("q")[:LONGEST], [], None
    if q:
        try:
            async with attempt(tx):
                found = await queries.search(tx, actor, q.replace("\x00", ""))
        except Problem as refused:
            problem = refused
        record_views(actor, ViewContext.SEARCH, {row.person_id: row.unit_id for row in found})
    return _page(request, visit, q, found, problem)


def _page(request: Request, visit: Visit, q: str, found: list[Found], problem: Problem | None) -> Response:
    return show(
        request,
        visit,
        "staff/search.html",
        status=problem.status if problem else 200,
        problem=problem,
        q=q,
        found=found,
        services=shelf(),
        back="/ventanilla",
    )
