"""At reception: a code for a person without e-mail or telephone, once their document was seen."""

from typing import Any

from fastapi import APIRouter, Request, Response

from app.identity.permissions import Action, require
from app.identity.problems import PersonUnknown
from app.identity.service import codes
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound
from app.registry.access_log import ViewContext, record_views
from app.registry.declared import register_at_desk
from app.registry.identifiers import parse_curp
from app.registry.names import Names, parse_name
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import show
from app.web.staff.header import HEADER

NAMES = ("given_names", "first_surname", "second_surname")
router = APIRouter(prefix="/ventanilla/codigo", dependencies=[RECORDS_VIEWS, HEADER])


@router.get("")
async def code_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb) -> Response:
    """Whose code."""
    require(actor, Action.ATTEND_PEOPLE)
    return _page(request, browser, SubmittedForm({}), asks_names=False)


@router.post("")
async def code_issued(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the code this once: write it down for the person or let them type it here. Of whom the registry doesn't
    have, the names on the document are asked for first."""
    require(actor, Action.ATTEND_PEOPLE)
    curp = form.parsed("curp", parse_curp, N_("Escriba la CURP del documento."))
    names = Names(*(form.parsed(name, parse_name, "") if form.get(name) else "" for name in NAMES))
    if form.holds([]) and not form.errors:
        try:
            person = await register_at_desk(tx, actor, curp, names)
        except PersonUnknown as problem:
            form.wrong("given_names", problem.sentence())
            return _page(request, browser, form, asks_names=True)
        except NotFound:
            form.wrong("curp", N_("Esa persona no está adscrita a una unidad a su cargo."))
        else:
            record_views(actor, ViewContext.DESK_CODE, {person.id: person.unit_id})
            code = await codes.issue_desk_code(tx, actor, person_id=person.id, curp=person.curp)
            return show(request, browser, "staff/code_given.html", person=person, code=code, back="/ventanilla/codigo")
    return _page(request, browser, form, asks_names=bool(names.given_names) or "given_names" in form.values)


def _page(request: Request, browser: BrowserSession, form: SubmittedForm, *, asks_names: bool) -> Response:
    context: dict[str, Any] = {"typed": form.values, "asks_names": asks_names, "shown": []}
    return show(request, browser, "staff/code.html", errors=form.errors, back="/ventanilla", **context)
