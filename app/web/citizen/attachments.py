"""The documents of a draft: what is needed, what is there, and a place to add each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Request, Response
from starlette.datastructures import UploadFile

from app.catalog.definition import Service
from app.documents import storage
from app.documents.service import Upload, too_large
from app.kernel.actor import Citizen
from app.kernel.http.pages import page_form
from app.kernel.http.parameters import Tx
from app.kernel.problems import Problem
from app.places.queries import zone_of
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.presenters import detail
from app.requests.problems import FileMissing
from app.requests.queries import own
from app.requests.schemas import RequestDetailOut, RequestDocumentOut, RequiredDocumentOut
from app.requests.service import attachments, drafts
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.drafts import open_draft
from app.web.citizen.fields import steps_of
from app.web.effects import Effect, EffectForm
from app.web.folios import Folio
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request as RequestRow

router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])

FILE = "file-"
"""What the field of a document's file is called before its kind."""


@router.get("/documentos")
async def documents_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """What is needed, what is there, and a place to add each."""
    row = await own.own_request(tx, actor, folio)
    if row.kind != "draft":
        return redirect(request, browser, f"/tramites/{row.folio}/listo")
    row, service = await open_draft(tx, actor, folio)
    return await _documents(request, browser, actor, tx, row, service)


async def _documents(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    row: RequestRow,
    service: Service,
    form: SubmittedForm | None = None,
    *,
    status: int = 200,
) -> Response:
    view = await detail(tx, actor, row)
    steps = steps_of(service, row.answers)
    return show(
        request,
        browser,
        "requests/documents.html",
        status=status,
        errors=form.errors if form else None,
        service=service,
        row=row,
        view=view,
        ready=_ready(view),
        unasked=_unasked(service, view),
        shown=[row.folio, row.kind],
        zone=await zone_of(tx, row.unit_id),
        back=f"/tramites/{row.folio}/paso/{len(steps)}" if steps else f"/tramites/{row.folio}",
    )


def _ready(view: RequestDetailOut) -> list[RequiredDocumentOut]:
    """Of the documents that are needed, those that are there."""
    attached_kinds = {document.kind for document in view.documents}
    return [needed for needed in view.required_documents if needed.required and needed.kind in attached_kinds]


def _unasked(service: Service, view: RequestDetailOut) -> list[tuple[str, RequestDocumentOut]]:
    """The documents attached that the answers call for no longer, each with what it is."""
    required_kinds = {needed.kind for needed in view.required_documents}
    names = {needed.kind: str(needed.name) for needed in service.documents}
    return [(names.get(one.kind, one.kind), one) for one in view.documents if one.kind not in required_kinds]


@router.post("/documentos")
async def documents_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Every file that was chosen is attached, whichever button was pressed: nothing chosen is lost by going on."""
    row, service = await open_draft(tx, actor, folio)
    goes_on = form.get("next") == "yes"
    if not form.holds([row.folio, row.kind]):
        return await _documents(request, browser, actor, tx, row, service, form)
    refusal = await attach_chosen(request, tx, actor, row, form, [row.folio, row.kind], is_asked=not goes_on)
    if refusal is not None:
        return await _documents(request, browser, actor, tx, row, service, form, status=refusal.status)
    return redirect(request, browser, f"/tramites/{row.folio}/" + ("revisar" if goes_on else "documentos"))


async def attach_chosen(
    request: Request,
    tx: AsyncSession,
    actor: Citizen,
    row: RequestRow,
    form: EffectForm,
    shown: list[object],
    *,
    is_asked: bool,
) -> Problem | None:
    """Attach each file of a form; what is wrong with one is noted at its field, and the others are attached. Returns
    the last refusal. `shown`: the facts of the form's page. `is_asked`: the button of one document was pressed, so its
    file is missed."""
    kind = form.get("kind") or request.query_params.get("kind", "")
    refusal: Problem | None = None
    if getattr(request.state, "body_too_large", None):
        return await _too_large(tx, actor, row, form, kind)
    uploads = await sent_files(request)
    if is_asked and kind not in {upload.kind for upload in uploads}:
        refusal = FileMissing()
        form.wrong(f"file-{kind}", refusal.sentence())
    for upload in uploads:
        try:
            await attachments.attach(tx, actor, row.folio, upload)
        except Problem as problem:
            if problem.status == 404:
                raise
            refusal = problem
            form.wrong(f"file-{upload.kind}", problem.sentence())
        else:
            form.leave_open(shown)
    return refusal


async def _too_large(tx: AsyncSession, actor: Citizen, row: RequestRow, form: EffectForm, kind: str) -> Problem:
    """Which of several files was too large isn't known when none was asked for: it is said at the first."""
    kind = kind or next((needed.kind for needed in (await detail(tx, actor, row)).required_documents), "")
    try:
        refusal: Problem = too_large(await attachments.max_bytes(tx, actor, row.folio, kind))
    except Problem as problem:
        if problem.status == 404:
            raise
        refusal = problem
    form.wrong(f"file-{kind}", refusal.sentence())
    return refusal


async def sent_files(request: Request) -> list[Upload]:
    """The files of a form that were chosen, by the kind of document of their fields."""
    return [
        Upload(name.removeprefix(FILE), value.filename, value.file)
        for name, value in (await page_form(request)).multi_items()
        if isinstance(value, UploadFile) and name.startswith(FILE) and value.filename
    ]


@router.post("/documentos/{document_id}/quitar")
async def document_removed(
    request: Request,
    browser: BrowserSessionWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    form: Effect,
    folio: Folio,
    document_id: UUID,
    after: BackgroundTasks,
) -> Response:
    """Taken off the draft."""
    row, service = await open_draft(tx, actor, folio, lock=True)
    if not form.holds([row.folio, document_id]):
        return await _documents(request, browser, actor, tx, row, service)
    after.add_task(storage.remove, [await drafts.detach(tx, actor, folio, document_id)])
    answer = redirect(request, browser, f"/tramites/{folio}/documentos")
    answer.background = after
    return answer
