"""A draft, page by page: the service's questions, the review, and submitting it. Each page is saved as it is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, BackgroundTasks, Path, Query, Request, Response

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.documents import storage
from app.identity.service.activity import SERVICE_ANSWER
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.problems import Invalid, Problem
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import find_person, person_by_id
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.presenters import detail
from app.requests.problems import WrongState
from app.requests.queries import own
from app.requests.queries.units import units_to_choose
from app.requests.schemas import RequestDetailOut
from app.requests.service import attachments, drafts, submission
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.clinic_change import left_behind
from app.web.citizen.fields import (
    Step,
    anchors_of,
    boxes_of,
    labels_of,
    long_texts,
    readable,
    search_for,
    steps_of,
    typed_answers,
)
from app.web.citizen.progress import tasks_of
from app.web.citizen.submitted import compared
from app.web.effects import Effect, EffectForm, Look
from app.web.folios import Folio
from app.web.form_problems import PageChanged, TextTooLong
from app.web.rendering import finish, redirect, show, start_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request as RequestRow

router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])

RETURN, REVIEW = "volver", "revisar"
"""The field of a page of questions that was opened from the review, and its value: it leads back there."""
Number = Annotated[int, Path(ge=1, le=20)]
Back = Annotated[str, Query(max_length=20)]


async def open_draft(tx: AsyncSession, actor: Citizen, folio: str, *, lock: bool = False) -> tuple[RequestRow, Service]:
    """A draft of the citizen's, with its service.

    Raises:
        NotFound; WrongState: it was submitted.
    """
    row = await own.own_request(tx, actor, folio, lock=lock)
    if row.kind != "draft":
        raise WrongState
    if not lock:  # locked, it is changed and not shown
        record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    return row, await service_version(tx, row.service, row.service_version)


def _after(folio: str, service: Service, steps: list[Step], number: int) -> str:
    """Where a page leads."""
    if number < len(steps):
        return f"/tramites/{folio}/paso/{number + 1}"
    return f"/tramites/{folio}/" + ("documentos" if service.documents else REVIEW)


async def _back_to_review(tx: AsyncSession, actor: Citizen, row: RequestRow, service: Service) -> str:
    """Where a page leads that was opened from the review: there again, or first to what the new answer leaves to do."""
    left = next(task for task in tasks_of(service, await detail(tx, actor, row)) if not task.is_done)
    is_question = "/paso/" in left.path
    return f"{left.path}?{RETURN}={REVIEW}" if is_question else left.path


@router.get("/paso/{number}")
async def step_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    folio: Folio,
    number: Number,
    volver: Back = "",
) -> Response:
    """One page of questions, with what is known filled in."""
    row = await own.own_request(tx, actor, folio)
    if row.kind != "draft":
        return redirect(request, browser, f"/tramites/{row.folio}/listo")
    row, service = await open_draft(tx, actor, folio)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return redirect(request, browser, _after(row.folio, service, steps, number))
    return await _step(request, browser, tx, row, service, steps[number - 1], returns=volver == REVIEW)


async def _step(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    row: RequestRow,
    service: Service,
    step: Step,
    form: EffectForm | None = None,
    *,
    returns: bool = False,
) -> Response:
    person = await person_by_id(tx, row.person_id)
    if form is not None and isinstance(form.refusal, TextTooLong):
        form.explain_at(long_texts(step, form))
    names = {asked.name for asked in step.fields}
    is_changed = form is not None and isinstance(form.refusal, PageChanged)
    asks_unit = any(asked.view.widget == "unit" for asked in step.fields)
    returns = returns or (form is not None and form.get(RETURN) == REVIEW)
    back = f"/tramites/{row.folio}/paso/{step.number - 1}" if step.number > 1 else f"/tramites/{row.folio}"
    if returns:
        back = f"/tramites/{row.folio}/{REVIEW}"
    return show(
        request,
        browser,
        "requests/step.html",
        errors=form.errors if form else None,
        anchors=anchors_of(step),
        field_labels=labels_of(step),
        service=service,
        row=row,
        step=step,
        person=person,
        typed=form.values if form else boxes_of(step, row.answers),
        units=await units_to_choose(tx, person, row.answers) if asks_unit else [],
        searches=await search_for(tx, step, person if browser.is_sure else None, form, row.answers),
        search_path=f"/tramites/{row.folio}/paso/{step.number}/unidades",
        saved=[one for one in await readable(tx, service, row.answers) if one[0] in names] if is_changed else [],
        shown=[row.folio, row.version],
        zone=await zone_of(tx, row.unit_id),
        returns=returns,
        count=len(steps_of(service, row.answers)),
        back=back,
    )


@router.get("/paso/{number}/unidades")
async def units_page(
    request: Request, browser: BrowserSessionWeb, _actor: LowCitizenWeb, folio: Folio, number: Number
) -> Response:
    """Where a page shown after a search leads when it is asked for again: to its questions."""
    return redirect(request, browser, f"/tramites/{folio}/paso/{number}")


@router.post("/paso/{number}/unidades")
async def units_searched(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Look, folio: Folio, number: Number
) -> Response:
    """The page again with the units found and all that was typed; nothing is saved."""
    row, service = await open_draft(tx, actor, folio)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return redirect(request, browser, f"/tramites/{row.folio}/revisar")
    return await _step(request, browser, tx, row, service, steps[number - 1], form)


@router.post("/paso/{number}")
async def step_sent(
    request: Request,
    browser: BrowserSessionWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    form: Effect,
    folio: Folio,
    number: Number,
) -> Response:
    """Saved; what is wrong or missing is shown again, and the rest is saved all the same."""
    row, service = await open_draft(tx, actor, folio, lock=True)
    steps = steps_of(service, row.answers)
    if number > len(steps):
        return start_again(request, browser, form, f"/tramites/{row.folio}/revisar")
    step = steps[number - 1]
    answers = typed_answers(step, form)
    if form.holds([row.folio, row.version]):
        await _save(tx, actor, row, step, form, answers)
    if form.errors or form.refusal:
        return await _step(request, browser, tx, row, service, step, form)
    if form.get(RETURN) == REVIEW:
        return redirect(request, browser, await _back_to_review(tx, actor, row, service))
    return redirect(request, browser, _after(row.folio, service, steps_of(service, row.answers), number))


async def _save(
    tx: AsyncSession, actor: Citizen, row: RequestRow, step: Step, form: EffectForm, answers: dict[str, Any]
) -> None:
    """Save the answers that are right; what is wrong with the others is noted in the form, in the page's order."""
    version, unreadable = row.version, {error.field for error in form.errors}
    readable_ones = {name: value for name, value in answers.items() if name not in unreadable}
    try:
        async with savepoint(tx):
            wrong = await drafts.save_page(tx, actor, row.folio, step.page.id, readable_ones, version=version)
    except Invalid as problem:
        wrong = problem.fields
    await tx.refresh(row)
    for error in wrong:
        form.wrong(error.field, error.message)
    order = [asked.name for asked in step.fields]
    form.errors.sort(key=lambda error: order.index(error.field) if error.field in order else len(order))
    if row.version != version:
        form.leave_open([row.folio, row.version])


@router.get("/revisar")
async def review_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """Check the answers, and what the automatic checks say today. Once it is submitted, where it was confirmed."""
    row = await own.own_request(tx, actor, folio)
    if row.kind != "draft":
        return redirect(request, browser, f"/tramites/{row.folio}/listo")
    row, service = await open_draft(tx, actor, folio)
    return await _review(request, browser, actor, tx, row, service)


async def _review(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    row: RequestRow,
    service: Service,
    problem: Problem | None = None,
) -> Response:
    steps = steps_of(service, row.answers)
    page_of = {asked.name: step.number for step in steps for asked in step.fields}
    view = await detail(tx, actor, row)
    attached_kinds = {document.kind for document in view.documents}
    person = await find_person(tx, row.person_id)
    return show(
        request,
        browser,
        "requests/review.html",
        status=problem.status if problem else 200,
        problem=problem,
        service=service,
        row=row,
        view=view,
        person=person,
        compared=compared(service, person) if person is not None else [],
        answers=await readable(tx, service, row.answers),
        left_behind=await left_behind(tx, actor, service, row, person),
        page_of=page_of,
        document_names={needed.kind: str(needed.name) for needed in service.documents},
        asked={needed.kind for needed in view.required_documents},
        missing=[needed for needed in view.required_documents if needed.required and needed.kind not in attached_kinds],
        shown=_to_submit(row, view),
        back=f"/tramites/{row.folio}",
    )


def _to_submit(row: RequestRow, view: RequestDetailOut) -> list[object]:
    """What is submitted: the draft at its version, for this person, with these documents."""
    return [row.folio, row.kind, row.version, row.person_id, sorted(str(one.id) for one in view.documents)]


@router.post("/revisar")
async def review_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The draft that the page showed is submitted: on to its page."""
    missing: Problem | None = None
    verified: frozenset[UUID] = frozenset()
    try:
        verified = await attachments.verify_documents(tx, actor, folio)  # before the row is held: it takes time
    except Problem as problem:
        missing = problem
    row = await own.own_request(tx, actor, folio, lock=True)
    if not form.holds(_to_submit(row, await detail(tx, actor, row))):
        return await _not_as_shown(request, browser, actor, tx, row, form)
    if row.kind == "draft":
        service = await service_version(tx, row.service, row.service_version)
        try:
            if missing is not None:
                raise missing
            async with savepoint(tx):
                await submission.submit(tx, actor, row.folio, version=row.version, verified=verified)
        except Problem as problem:
            await tx.refresh(row)
            return await _review(request, browser, actor, tx, row, service, problem)
        browser.remember(**{SERVICE_ANSWER: None})
    return finish(request, browser, form, f"/tramites/{row.folio}/listo")


async def _not_as_shown(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, row: RequestRow, form: EffectForm
) -> Response:
    """The draft as it is now, to be read again; once it was submitted, the confirmation."""
    if row.kind != "draft":
        return start_again(request, browser, form, f"/tramites/{row.folio}/listo")
    service = await service_version(tx, row.service, row.service_version)
    return await _review(request, browser, actor, tx, row, service)


@router.post("/descartar")
async def discarded(
    request: Request,
    browser: BrowserSessionWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    form: Effect,
    folio: Folio,
    after: BackgroundTasks,
) -> Response:
    """Confirm that the draft was deleted, with its documents."""
    row = await own.own_request(tx, actor, folio, lock=True)
    if not form.holds([row.folio, row.kind, row.version]):
        return start_again(request, browser, form, f"/tramites/{row.folio}")
    after.add_task(storage.remove, await drafts.discard(tx, actor, folio))
    browser.remember(**{SERVICE_ANSWER: None})
    answer = finish(request, browser, form, "/mi")
    answer.background = after
    return answer
