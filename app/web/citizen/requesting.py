"""A draft, page by page: the service's questions, documents, review, hand in. Each page is saved as it is left."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.documents import storage
from app.documents.service import Upload, too_large
from app.identity.access import LowCitizenWeb, Visit, VisitWeb
from app.identity.service.observing import ASKING
from app.kernel.actor import Citizen
from app.kernel.db import Tx, attempt
from app.kernel.http.page_forms import page_form
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.places.queries import zone_of
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.registry.models import Person
from app.requests import queries
from app.requests.models import Request as RequestRow
from app.requests.problems import NoFile, WrongState
from app.requests.schemas import RequestDetailOut
from app.requests.service import attaching, drafting, submitting
from app.requests.views import detail
from app.web.citizen.fields import (
    Step,
    anchors_of,
    boxes_of,
    labels_of,
    readable,
    search_for,
    steps_of,
    typed_answers,
    units_to_choose,
)
from app.web.citizen.moving_clinic import left_behind
from app.web.effects import Effect, EffectForm, Look, PageChanged
from app.web.folios import Folio
from app.web.forms import Typed
from app.web.rendering import go, show, start_again

router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])

FILE = "file-"
"""What the field of a document's file is called before its kind."""
Number = Annotated[int, Path(ge=1, le=20)]


async def _draft(tx: AsyncSession, actor: Citizen, folio: str, *, lock: bool = False) -> tuple[RequestRow, Service]:
    row = await queries.own_request(tx, actor, folio, lock=lock)
    if row.kind != "draft":
        raise WrongState
    if not lock:  # locked, it is changed and not shown
        record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    return row, await service_version(tx, row.service, row.service_version)


def _after(folio: str, service: Service, steps: list[Step], number: int) -> str:
    """Where a page leads."""
    if number < len(steps):
        return f"/tramites/{folio}/paso/{number + 1}"
    return f"/tramites/{folio}/" + ("documentos" if service.documents else "revisar")


@router.get("/paso/{number}")
async def step_page(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio, number: Number
) -> Response:
    """One page of questions, with what is known filled in."""
    row, service = await _draft(tx, actor, folio)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return go(request, visit, _after(row.folio, service, steps, number))
    return await _step(request, visit, tx, row, service, steps[number - 1])


async def _step(
    request: Request,
    visit: Visit,
    tx: AsyncSession,
    row: RequestRow,
    service: Service,
    step: Step,
    form: EffectForm | None = None,
) -> Response:
    person = await tx.get(Person, row.person_id)
    assert person is not None
    names = {asked.name for asked in step.fields}
    is_changed = form is not None and isinstance(form.refusal, PageChanged)
    asks_unit = any(asked.view.widget == "unit" for asked in step.fields)
    back = f"/tramites/{row.folio}/paso/{step.number - 1}" if step.number > 1 else f"/tramites/{row.folio}"
    return show(
        request,
        visit,
        "requests/step.html",
        errors=form.errors if form else None,
        anchors=anchors_of(step),
        labels=labels_of(step),
        service=service,
        row=row,
        step=step,
        person=person,
        typed=form.values if form else boxes_of(step, row.answers),
        units=await units_to_choose(tx, person, row.answers) if asks_unit else [],
        searches=await search_for(tx, step, person if visit.is_sure else None, form, row.answers),
        search_path=f"/tramites/{row.folio}/paso/{step.number}/unidades",
        saved=[one for one in await readable(tx, service, row.answers) if one[0] in names] if is_changed else [],
        shown=[row.folio, row.version],
        zone=await zone_of(tx, row.unit_id),
        back=back,
    )


@router.get("/paso/{number}/unidades")
async def units_page(
    request: Request, visit: VisitWeb, _actor: LowCitizenWeb, folio: Folio, number: Number
) -> Response:
    """Where a page shown after a search leads when it is asked for again: to its questions."""
    return go(request, visit, f"/tramites/{folio}/paso/{number}")


@router.post("/paso/{number}/unidades")
async def units_searched(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Look, folio: Folio, number: Number
) -> Response:
    """The page again with the units found and all that was typed; nothing is saved."""
    row, service = await _draft(tx, actor, folio)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return go(request, visit, f"/tramites/{row.folio}/revisar")
    return await _step(request, visit, tx, row, service, steps[number - 1], form)


@router.post("/paso/{number}")
async def step_sent(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio, number: Number
) -> Response:
    """Saved, or shown again with what to correct."""
    row, service = await _draft(tx, actor, folio, lock=True)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return start_again(request, visit, form, f"/tramites/{row.folio}/revisar")
    step = steps[number - 1]
    answers = typed_answers(step, form)
    for asked in step.fields:
        if asked.is_required and answers[asked.name] is None and not _is_wrong(form, asked.name):
            form.wrong(asked.name, N_("Falta este dato."))
    if form.holds([row.folio, row.version]) and not form.errors:
        await _try(form, tx, drafting.save(tx, actor, row.folio, answers, page=step.page.id, version=row.version))
    if form.errors or form.refusal:
        return await _step(request, visit, tx, row, service, step, form)
    await tx.refresh(row)
    return go(request, visit, _after(row.folio, service, steps_of(service, row.answers), number))


def _is_wrong(form: Typed, name: str) -> bool:
    return any(error.field == name for error in form.errors)


async def _try(form: Typed, tx: AsyncSession, change: Any) -> None:
    """Run a use case; what it says is wrong with fields is noted in the form."""
    try:
        async with attempt(tx):
            await change
    except Problem as problem:
        if not problem.fields:
            raise
        for error in problem.fields:
            form.wrong(error.field, error.message)


@router.get("/documentos")
async def documents_page(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio) -> Response:
    """What is needed, what is there, and a place to add each."""
    row, service = await _draft(tx, actor, folio)
    return await _documents(request, visit, actor, tx, row, service)


async def _documents(
    request: Request,
    visit: Visit,
    actor: Citizen,
    tx: AsyncSession,
    row: RequestRow,
    service: Service,
    form: Typed | None = None,
    *,
    status: int = 200,
) -> Response:
    view = await detail(tx, actor, row)
    steps = steps_of(service, row.answers)
    return show(
        request,
        visit,
        "requests/documents.html",
        status=status,
        errors=form.errors if form else None,
        service=service,
        row=row,
        view=view,
        shown=[row.folio, row.kind],
        zone=await zone_of(tx, row.unit_id),
        back=f"/tramites/{row.folio}/paso/{len(steps)}" if steps else f"/tramites/{row.folio}",
    )


@router.post("/documentos")
async def documents_sent(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Every file that was chosen is attached, whichever button was pressed: nothing chosen is lost by going on."""
    row, service = await _draft(tx, actor, folio)
    goes_on = form.get("next") == "yes"
    if not form.holds([row.folio, row.kind]):
        return await _documents(request, visit, actor, tx, row, service, form)
    refusal = await attach_chosen(request, tx, actor, row, form, is_asked=not goes_on)
    if refusal is not None:
        return await _documents(request, visit, actor, tx, row, service, form, status=refusal.status)
    return go(request, visit, f"/tramites/{row.folio}/" + ("revisar" if goes_on else "documentos"))


async def attach_chosen(
    request: Request, tx: AsyncSession, actor: Citizen, row: RequestRow, form: EffectForm, *, is_asked: bool
) -> Problem | None:
    """Attach each file of a form; what is wrong with one is noted at its field, and the others are attached. Returns
    the last refusal. `is_asked`: the button of one document was pressed, so its file is missed."""
    kind = form.get("kind") or request.query_params.get("kind", "")
    refusal: Problem | None = None
    if getattr(request.state, "body_too_large", None):
        return await _too_large(tx, actor, row, form, kind)
    uploads = await sent_files(request)
    if is_asked and kind not in {upload.kind for upload in uploads}:
        refusal = NoFile()
        form.wrong(f"file-{kind}", refusal.sentence())
    for upload in uploads:
        try:
            await attaching.attach(tx, actor, row.folio, upload)
        except Problem as problem:
            if problem.status == 404:
                raise
            refusal = problem
            form.wrong(f"file-{upload.kind}", problem.sentence())
        else:
            form.has_acted = True
    return refusal


async def _too_large(tx: AsyncSession, actor: Citizen, row: RequestRow, form: EffectForm, kind: str) -> Problem:
    """Which of several files was too large isn't known when none was asked for: it is said at the first."""
    kind = kind or next((paper.kind for paper in (await detail(tx, actor, row)).papers), "")
    try:
        refusal: Problem = too_large(await attaching.most_bytes(tx, actor, row.folio, kind))
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
async def document_dropped(
    request: Request,
    visit: VisitWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    form: Effect,
    folio: Folio,
    document_id: UUID,
    after: BackgroundTasks,
) -> Response:
    """Taken off the draft."""
    row, service = await _draft(tx, actor, folio, lock=True)
    if not form.holds([row.folio, document_id]):
        return await _documents(request, visit, actor, tx, row, service)
    after.add_task(storage.remove, [await drafting.detach(tx, actor, folio, document_id)])
    answer = go(request, visit, f"/tramites/{folio}/documentos")
    answer.background = after
    return answer


@router.get("/revisar")
async def review_page(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio) -> Response:
    """Check the answers, and what the automatic checks say today."""
    row, service = await _draft(tx, actor, folio)
    return await _review(request, visit, actor, tx, row, service)


async def _review(
    request: Request,
    visit: Visit,
    actor: Citizen,
    tx: AsyncSession,
    row: RequestRow,
    service: Service,
    problem: Problem | None = None,
) -> Response:
    steps = steps_of(service, row.answers)
    page_of = {asked.name: step.number for step in steps for asked in step.fields}
    view = await detail(tx, actor, row)
    there = {document.kind for document in view.documents}
    person = await tx.get(Person, row.person_id)
    return show(
        request,
        visit,
        "requests/review.html",
        status=problem.status if problem else 200,
        problem=problem,
        service=service,
        row=row,
        view=view,
        person=person,
        answers=await readable(tx, service, row.answers),
        left_behind=await left_behind(tx, actor, service, row, person),
        page_of=page_of,
        missing=[paper for paper in view.papers if paper.required and paper.kind not in there],
        shown=_to_submit(row, view),
        back=f"/tramites/{row.folio}",
    )


def _to_submit(row: RequestRow, view: RequestDetailOut) -> list[object]:
    """What is submitted: the draft at its version, for this person, with these documents."""
    return [row.folio, row.kind, row.version, row.person_id, sorted(str(one.id) for one in view.documents)]


@router.post("/revisar")
async def review_sent(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The draft that the page showed is submitted: on to its page."""
    missing: Problem | None = None
    verified: frozenset[UUID] = frozenset()
    try:
        verified = await attaching.verify_documents(tx, actor, folio)  # before the row is held: it takes time
    except Problem as problem:
        missing = problem
    row = await queries.own_request(tx, actor, folio, lock=True)
    if not form.holds(_to_submit(row, await detail(tx, actor, row))):
        return await _not_as_shown(request, visit, actor, tx, row, form)
    if row.kind == "draft":
        service = await service_version(tx, row.service, row.service_version)
        try:
            if missing is not None:
                raise missing
            async with attempt(tx):
                await submitting.submit(tx, actor, row.folio, version=row.version, verified=verified)
        except Problem as problem:
            await tx.refresh(row)
            return await _review(request, visit, actor, tx, row, service, problem)
        visit.remember(**{ASKING: None})
    return go(request, visit, f"/tramites/{row.folio}")


async def _not_as_shown(
    request: Request, visit: Visit, actor: Citizen, tx: AsyncSession, row: RequestRow, form: EffectForm
) -> Response:
    """The draft as it is now, to be read again; once it was submitted, its page."""
    if row.kind != "draft":
        return start_again(request, visit, form, f"/tramites/{row.folio}")
    service = await service_version(tx, row.service, row.service_version)
    return await _review(request, visit, actor, tx, row, service)


@router.post("/descartar")
async def discarded(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio, after: BackgroundTasks
) -> Response:
    """The draft is gone, with its documents."""
    row = await queries.own_request(tx, actor, folio, lock=True)
    if not form.holds([row.folio, row.kind, row.version]):
        return start_again(request, visit, form, f"/tramites/{row.folio}")
    after.add_task(storage.remove, await drafting.discard(tx, actor, folio))
    visit.remember(**{ASKING: None})
    answer = go(request, visit, "/mi")
    answer.background = after
    return answer
