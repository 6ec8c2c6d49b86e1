"""At reception: a code for somebody without e-mail or telephone, once their document was seen."""

from fastapi import APIRouter, Request, Response

from app.identity import service as identity
from app.identity.access import StaffWeb, VisitWeb, require_role
from app.kernel.db import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.registry.api import DESK
from app.registry.identifiers import parse_curp
from app.registry.queries import person_for_desk
from app.web.effects import Effect
from app.web.rendering import show

router = APIRouter(prefix="/ventanilla/codigo", dependencies=[RECORDS_VIEWS])


@router.get("")
async def code_page(request: Request, visit: VisitWeb, actor: StaffWeb) -> Response:
    """Whose code."""
    require_role(actor, DESK)
    return show(request, visit, "staff/code.html", typed={}, shown=[], back="/ventanilla")


@router.post("")
async def code_issued(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the code this once: write it down for the person or let them type it here."""
    require_role(actor, DESK)
    curp = form.parsed("curp", parse_curp, N_("Escriba la CURP del documento."))
    if form.holds([]) and not form.errors:
        try:
            person = await person_for_desk(tx, actor, curp)
        except NotFound:
            form.wrong("curp", N_("Esa persona no está adscrita a una unidad a su cargo."))
        else:
            record_views(actor, ViewContext.DESK_CODE, {person.id: person.unit_id})
            code = await identity.issue_desk_code(tx, actor, person_id=person.id, curp=person.curp)
            return show(request, visit, "staff/code_given.html", person=person, code=code, back="/ventanilla/codigo")
    return show(request, visit, "staff/code.html", errors=form.errors, typed=form.values, shown=[], back="/ventanilla")
