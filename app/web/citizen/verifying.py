"""Whether a document is ours: anybody who holds it types its folio and code, or comes by its QR code."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.certificates.service import Verified, verify
from app.certificates.words import title_of
from app.identity.access import AnyoneWeb, Visit, VisitWeb
from app.kernel.db import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.ids import parse_folio
from app.kernel.problems import NotFound, TooMany
from app.web.forms import Form, Typed
from app.web.rendering import refused, show

router = APIRouter()

Printed = Annotated[str, Query(max_length=40)]
STANDINGS = {
    "valid": N_("Auténtico y vigente"),
    "expired": N_("Auténtico, pero ya venció"),
    "superseded": N_("Auténtico, pero hay uno más reciente"),
}
MEANINGS = {
    "valid": N_("Este documento lo expedimos nosotros y sirve hoy."),
    "expired": N_("Este documento lo expedimos nosotros. Ya pasó su último día: pida uno nuevo."),
    "superseded": N_("Este documento lo expedimos nosotros, pero la persona tiene otro posterior: pida ese."),
}
UNKNOWN = N_("No expedimos ningún documento con ese folio y ese código. Si los copió bien, no es auténtico.")


@router.get("/verificar")
async def verify_page(
    request: Request, visit: VisitWeb, _actor: AnyoneWeb, f: Printed = "", c: Printed = ""
) -> Response:
    """The form; the QR code brings folio and code. Looking them up takes a button: a link alone counts no try."""
    return _page(request, visit, {"folio": f, "code": c})


def _page(
    request: Request, visit: Visit, typed: dict[str, str], form: Typed | None = None, found: Verified | None = None
) -> Response:
    context: dict[str, Any] = {}
    if found is not None:
        standing = found.standing.value
        context = {"title": title_of(found.template)}
        context |= {"standing": gettext(STANDINGS[standing]), "meaning": gettext(MEANINGS[standing])}
    errors = form.errors if form else None
    return show(
        request,
        visit,
        "citizen/verify.html",
        errors=errors,
        typed=typed,
        found=found,
        back="/verificar" if found else "/",
        private=bool(typed["folio"]),
        **context,
    )


@router.post("/verificar")
async def verify_sent(request: Request, visit: VisitWeb, actor: AnyoneWeb, tx: Tx, form: Form) -> Response:
    """How the document stands, or that it isn't ours; wrong pairs are counted by source."""
    folio = form.required("folio", N_("Escriba el folio del documento."))
    code = form.required("code", N_("Escriba el código del documento."))
    if folio and not _is_folio(folio):
        form.wrong("folio", N_("Ese folio no está completo o tiene un error. Cópielo otra vez del documento."))
    typed = {"folio": folio, "code": code}
    if form.errors:
        return _page(request, visit, typed, form)
    try:
        found = await verify(tx, actor, folio, code)
    except NotFound:
        form.wrong("folio", UNKNOWN)
        return _page(request, visit, typed, form)
    except TooMany as problem:
        return refused(form, "folio", problem, lambda: _page(request, visit, typed, form))
    return _page(request, visit, typed, found=found)


def _is_folio(text: str) -> bool:
    try:
        parse_folio(text)
    except ValueError:
        return False
    return True
