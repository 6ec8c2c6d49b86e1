"""A document at full size: rotated and enlarged with links, reviewed with a reason of the list, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.catalog.queries import service_version
from app.documents import service as documents
from app.documents.file_response import file_response
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import release_connection, savepoint
from app.kernel.http.parameters import Tx
from app.kernel.problems import FieldError, Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import own, people
from app.requests.rules.checks import REASONS
from app.requests.service import messages
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect
from app.web.folios import Folio
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show
from app.web.staff.case import do
from app.web.staff.header import HEADER, done
from app.web.staff.queue import case_address, view_of
from app.web.staff.queue_filters import QueueView

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(
    prefix="/ventanilla/solicitudes/{folio:folio}/documentos/{document_id}", dependencies=[RECORDS_VIEWS, HEADER]
)

TURNS, SIZES = ("0", "90", "180", "270"), ("100", "150", "200", "300")
Turn = Annotated[Literal["0", "90", "180", "270"], Query()]
Size = Annotated[Literal["100", "150", "200", "300"], Query()]


@router.get("")
async def document_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    folio: Folio,
    document_id: UUID,
    giro: Turn = "0",
    tamano: Size = "100",
    cola: Annotated[str, Query(max_length=600)] = "",
) -> Response:
    """How it is turned and how large are in the address, so that it works without scripts."""
    require(actor, Action.WORK_REQUESTS)
    view = QueueView.of_query(cola)
    return await _page(request, browser, actor, tx, folio, document_id, queue=view, giro=giro, tamano=tamano)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    folio: str,
    document_id: UUID,
    *,
    queue: QueueView,
    giro: str = "0",
    tamano: str = "100",
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    row = await own.own_request(tx, actor, folio)
    service = await service_version(tx, row.service, row.service_version)
    attached = await documents.documents_of(tx, row.person_id, row.id)
    document = await documents.document_of(tx, row.person_id, row.id, document_id)
    record_views(actor, ViewContext.DOCUMENT, {row.person_id: row.unit_id})
    item = await people.work_of(tx, row)
    place = [one.id for one in attached].index(document.id)
    turn, size = TURNS.index(giro), SIZES.index(tamano)
    return show(
        request,
        browser,
        "staff/document.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        row=row,
        service=service,
        document=document,
        name=next((str(needed.name) for needed in service.documents if needed.kind == document.kind), document.kind),
        is_mine=item is not None and item.holder_id == actor.staff_id and not item.has_lapsed,
        rejections=REASONS,
        giro=giro,
        tamano=tamano,
        left=TURNS[turn - 1],
        right=TURNS[(turn + 1) % len(TURNS)],
        smaller=SIZES[size - 1] if size else "",
        larger=SIZES[size + 1] if size + 1 < len(SIZES) else "",
        before=attached[place - 1] if place else None,
        after=attached[place + 1] if place + 1 < len(attached) else None,
        number=place + 1,
        count=len(attached),
        typed=form.values if form else {},
        shown=[row.folio, row.version, document.id, document.state],
        queue=queue.query(),
        more=f"cola={quote(queue.query())}" if queue.query() else "",
        case=case_address(row.folio, queue),
        back=case_address(row.folio, queue),
    )


@router.get("/archivo")
async def document_file(
    _visit: BrowserSessionWeb, actor: StaffWeb, tx: Tx, folio: Folio, document_id: UUID
) -> Response:
    """The file itself, in the browser's own viewer."""
    require(actor, Action.WORK_REQUESTS)
    row = await own.own_request(tx, actor, folio)
    document = await documents.document_of(tx, row.person_id, row.id, document_id)
    record_views(actor, ViewContext.DOCUMENT, {row.person_id: row.unit_id})
    async with release_connection(tx):
        content = await documents.read_content(document)
    return file_response(document, content, inline=True)


@router.post("/juzgar")
async def document_reviewed(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio, document_id: UUID
) -> Response:
    """It serves, or it doesn't and why; then on to the next one not reviewed, or back to the request."""
    because_field, reason_field = f"because-{document_id}", f"reason-{document_id}"
    word = "aceptado" if form.get("accept") == "yes" else "rechazado"
    queue = view_of(form)

    async def review() -> None:
        accept, because = form.get("accept") == "yes", form.get(because_field) or None
        try:
            await messages.review_document(
                tx, actor, folio, document_id, accept=accept, because=because, reason=form.get(reason_field)
            )
        except Problem as problem:
            problem.fields = [FieldError(f"{error.field}-{document_id}", error.message) for error in problem.fields]
            raise

    if not form.get("large"):
        return await do(request, browser, actor, tx, folio, form, review, word, because_field, reason_field, "accept")
    row = await own.own_request(tx, actor, folio, lock=True)
    document = await documents.document_of(tx, row.person_id, row.id, document_id)
    if not form.holds([row.folio, row.version, document.id, document.state]):
        return await _page(request, browser, actor, tx, folio, document_id, form=form, queue=queue)
    try:
        async with savepoint(tx):
            await review()
    except Problem as problem:
        if problem.status == 404:
            raise
        form.errors.extend(problem.fields)
        return await _page(request, browser, actor, tx, folio, document_id, form=form, problem=problem, queue=queue)
    attached = await documents.documents_of(tx, row.person_id, row.id)
    rest = [one for one in attached if one.state == "received"]
    case = case_address(row.folio, queue)
    path, _mark, query = case.partition("?")
    to = f"{path}/documentos/{rest[0].id}" + (f"?{query}" if query else "") if rest else case
    return redirect(request, browser, done(to, word))
