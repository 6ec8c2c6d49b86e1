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
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.registry.models import Person
from app.requests import queries
from app.requests.models import Request as RequestRow
from app.requests.problems import NoFile, WrongState
from app.requests.service import attaching, drafting, submitting
from app.requests.views import detail
from app.web.citizen.fields import (
    Step,
    anchors_of,
    boxes_of,
    labels_of,
    readable,
    steps_of,
    typed_answers,
    units_to_choose,
)
from app.web.citizen.moving_clinic import left_behind
from app.web.folios import Folio
from app.web.forms import Form, Typed
from app.web.rendering import go, show

router = APIRouter(prefix="/tramites/{folio:folio}")

Number = Annotated[int, Path(ge=1, le=20)]


async def _draft(tx: AsyncSession, actor: Citizen, folio: str) -> tuple[RequestRow, Service]:
    row = await queries.own_request(tx, actor, folio)
    if row.kind != "draft":
        raise WrongState
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
    form: Typed | None = None,
) -> Response:
    person = await tx.get(Person, row.person_id)
    assert person is not None
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
        back=back,
    )


@router.post("/paso/{number}")
async def step_sent(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Form, folio: Folio, number: Number
) -> Response:
    """Saved, or shown again with what to correct."""
    row, service = await _draft(tx, actor, folio)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return go(request, visit, f"/tramites/{row.folio}/revisar")
    step = steps[number - 1]
    answers = typed_answers(step, form)
    for asked in step.fields:
        if asked.is_required and answers[asked.name] is None and not _is_wrong(form, asked.name):
            form.wrong(asked.name, N_("Falta este dato."))
    if not form.errors:
        await _try(form, tx, drafting.save(tx, actor, row.folio, answers, page=step.page.id))
    if form.errors:
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
    problem: Problem | None = None,
) -> Response:
    view = await detail(tx, actor, row)
    steps = steps_of(service, row.answers)
    return show(
        request,
        visit,
        "requests/documents.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        service=service,
        row=row,
        view=view,
        back=f"/tramites/{row.folio}/paso/{len(steps)}" if steps else f"/tramites/{row.folio}",
    )


@router.post("/documentos")
async def document_sent(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Form, folio: Folio
) -> Response:
    """One document more."""
    row, service = await _draft(tx, actor, folio)
    kind = form.get("kind")
    refused = await attach_sent(request, tx, actor, row.folio, kind)
    if refused is not None:
        form.wrong(f"file-{kind}", refused.sentence())
        return await _documents(request, visit, actor, tx, row, service, form, refused)
    return go(request, visit, f"/tramites/{row.folio}/documentos")


async def attach_sent(request: Request, tx: AsyncSession, actor: Citizen, folio: str, kind: str) -> Problem | None:
    """Attach the file of a form; returns what is wrong with it.

    Raises:
        NotFound: the request isn't theirs any more.
    """
    try:
        if getattr(request.state, "body_too_large", None):
            raise too_large(await attaching.most_bytes(tx, actor, folio, kind))
        await attaching.attach(tx, actor, folio, await _sent_file(request, kind))
    except Problem as problem:
        if problem.status == 404:
            raise
        return problem
    return None


async def _sent_file(request: Request, kind: str) -> Upload:
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise NoFile
    return Upload(kind, file.filename, file.file)


@router.post("/documentos/{document_id}/quitar")
async def document_dropped(
    request: Request,
    visit: VisitWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    folio: Folio,
    document_id: UUID,
    after: BackgroundTasks,
) -> Response:
    """Taken off the draft."""
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
        back=f"/tramites/{row.folio}",
    )


@router.post("/revisar")
async def review_sent(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, _form: Form, folio: Folio
) -> Response:
    """Handed in: on to its page. Sent twice, it is handed in once."""
    row = await queries.own_request(tx, actor, folio)
    if row.kind == "draft":
        service = await service_version(tx, row.service, row.service_version)
        try:
            verified = await attaching.verify_documents(tx, actor, row.folio)
            async with attempt(tx):
                await submitting.submit(tx, actor, row.folio, verified=verified)
        except Problem as problem:
            await tx.refresh(row)
            return await _review(request, visit, actor, tx, row, service, problem)
        visit.remember(**{ASKING: None})
    return go(request, visit, f"/tramites/{row.folio}")


@router.post("/descartar")
async def discarded(
    request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio, after: BackgroundTasks
) -> Response:
    """The draft is gone, with its documents."""
    after.add_task(storage.remove, await drafting.discard(tx, actor, folio))
    visit.remember(**{ASKING: None})
    answer = go(request, visit, "/mi")
    answer.background = after
    return answer
