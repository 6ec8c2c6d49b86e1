"""Whether a document is ours: anyone who holds it types its folio and code, or comes by its QR code."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import UploadFile

from app.certificates.files import MOST_BYTES, check_file, is_pdf
from app.certificates.problems import FileNotChecked
from app.certificates.service import VerificationResult, verify
from app.certificates.words import title_of
from app.kernel.http.pages import page_form
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.ids import parse_folio
from app.kernel.problems import NotFound, TooManyRequests
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb
from app.web.forms import Form, NotedForm, SubmittedForm
from app.web.rendering import refused, show

router = APIRouter()

Printed = Annotated[str, Query(max_length=40)]
STANDINGS = {
    "valid": N_("Auténtico y vigente"),
    "expired": N_("Auténtico, pero ya venció"),
    "superseded": N_("Auténtico, pero hay uno más reciente"),
    "annulled": N_("Auténtico, pero quedó sin efecto"),
}
MEANINGS = {
    "valid": N_("Este documento lo expedimos nosotros y sirve hoy, si dice lo mismo que esta página."),
    "expired": N_("Este documento lo expedimos nosotros. Ya pasó su último día: pida uno nuevo."),
    "superseded": N_("Este documento lo expedimos nosotros, pero la persona tiene otro posterior: pida ese."),
    "annulled": N_("Este documento lo expedimos nosotros, pero otra decisión tomó su lugar: este ya no vale."),
}
UNKNOWN = N_("No expedimos ningún documento con ese folio y ese código. Si los copió bien, no es auténtico.")
UNREADABLE = N_("No pudimos leer el archivo: está dañado, incompleto o protegido. Elija el PDF tal como lo recibió.")

FILES = {
    "altered": (
        N_("El archivo fue alterado"),
        N_("Lleva nuestra firma, pero alguien lo cambió después de firmarlo: no es válido. Pida el original."),
    ),
    "unregistered": (
        N_("No lo encontramos en nuestro registro"),
        N_("La firma es nuestra, pero no consta que lo hayamos expedido. Llámenos antes de aceptarlo."),
    ),
    "not-ours": (
        N_("No es un documento nuestro"),
        N_(
            "El archivo no lleva nuestra firma. Si lo imprimieron, fotografiaron o guardaron otra vez,"
            " la firma se pierde: compruébelo con su folio y su código."
        ),
    ),
}


@router.get("/verificar")
async def verify_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, f: Printed = "", c: Printed = ""
) -> Response:
    """The form; the QR code brings folio and code. Looking them up takes a button: a link alone counts no try."""
    return _page(request, browser, {"folio": f, "code": c})


def _page(
    request: Request,
    browser: BrowserSession,
    typed: dict[str, str],
    form: SubmittedForm | None = None,
    found: VerificationResult | None = None,
    *,
    is_file: bool = False,
) -> Response:
    context: dict[str, Any] = {"is_file": is_file}
    if found is not None:
        status = found.status.value
        context |= {"title": title_of(found.template)}
        context |= {"standing": gettext(STANDINGS[status]), "meaning": gettext(MEANINGS[status])}
    errors = form.errors if form else None
    return show(
        request,
        browser,
        "citizen/verify.html",
        errors=errors,
        typed=typed,
        found=found,
        back="/verificar" if found else "/",
        private=bool(typed["folio"]) or found is not None,
        **context,
    )


@router.post("/verificar")
async def verify_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """How the document stands, or that it isn't ours; wrong pairs are counted by source."""
    folio = form.required("folio", N_("Escriba el folio del documento."))
    code = form.required("code", N_("Escriba el código del documento."))
    if folio and not _is_folio(folio):
        form.wrong("folio", N_("Ese folio no está completo o tiene un error. Cópielo otra vez del documento."))
    typed = {name: form.get(name) for name in ("folio", "code")}
    if form.errors:
        return _page(request, browser, typed, form)
    try:
        found = await verify(tx, actor, folio, code)
    except NotFound:
        form.wrong("folio", UNKNOWN)
        return _page(request, browser, typed, form)
    except TooManyRequests as problem:
        return refused(form, "folio", problem, lambda: _page(request, browser, typed, form))
    return _page(request, browser, typed, found=found)


@router.post("/verificar/archivo")
async def verify_file(request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, form: Form) -> Response:
    """Whether the PDF sent is ours, unchanged. It isn't stored."""
    nothing = {"folio": "", "code": ""}
    sent = (await page_form(request)).get("file")
    is_chosen = isinstance(sent, UploadFile) and bool(sent.filename)
    data = await sent.read() if isinstance(sent, UploadFile) and is_chosen else b""
    if getattr(request.state, "body_too_large", None) or len(data) > MOST_BYTES:
        form.wrong("file", N_("El archivo pesa más de 1 MB: nuestros documentos pesan menos."))
    elif not is_chosen:
        form.wrong("file", N_("Elija el archivo PDF."))
    elif not data:
        form.wrong("file", N_("El archivo está vacío. Elija el PDF tal como lo recibió."))
    elif not is_pdf(data):
        form.wrong("file", N_("El archivo no es un PDF. Elija el PDF tal como lo recibió."))
    if form.errors:
        return _page(request, browser, nothing, form)
    try:
        checked = await check_file(actor, data)
    except (TooManyRequests, FileNotChecked) as problem:
        return refused(form, "file", problem, lambda: _page(request, browser, nothing, form))
    if not checked.is_readable:
        form.wrong("file", UNREADABLE)
        return _page(request, browser, nothing, form)
    if checked.certificate is not None:
        return _page(request, browser, nothing, found=checked.certificate, is_file=True)
    title, meaning = FILES[checked.status.value]
    return show(
        request,
        browser,
        "citizen/verify_file.html",
        title=gettext(title),
        meaning=gettext(meaning),
        back="/verificar",
        private=True,
    )


def _is_folio(text: str) -> bool:
    try:
        parse_folio(text)
    except ValueError:
        return False
    return True
