"""Answer a request for more information: only what is missing, until when, with the telephone's camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.catalog.queries import service_version
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import find_person
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.presenters import detail
from app.requests.problems import HelperIsOfficer
from app.requests.queries import own
from app.requests.queries.case_file import open_question
from app.requests.queries.units import units_to_choose
from app.requests.service import attachments, messages
from app.requests.service.cases import may_not_help
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.attachments import attach_chosen
from app.web.citizen.fields import (
    Step,
    anchors_of,
    boxes_of,
    labels_of,
    long_texts,
    search_for,
    steps_of,
    typed_answers,
)
from app.web.citizen.submitted import done
from app.web.effects import Effect, EffectForm, Look
from app.web.folios import Folio
from app.web.form_problems import FormRedisplayed, TextTooLong
from app.web.forms import SubmittedForm
from app.web.rendering import finish, redirect, show, start_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request as RequestRow
    from app.requests.models import RequestMessage

router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])


@router.get("/responder")
async def answer_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """Only what is missing, and until when."""
    return await _answer(request, browser, actor, tx, await own.own_request(tx, actor, folio))


async def _asked_step(tx: AsyncSession, row: RequestRow) -> Step | None:
    """The questions that are owed, as one page."""
    question = await open_question(tx, row)
    names = set((question.asks or {}).get("fields", [])) if question else set()
    service = await service_version(tx, row.service, row.service_version)
    steps = steps_of(service, row.answers)
    asked = [one for step in steps for one in step.fields if one.name in names]
    return Step(1, steps[0].page, asked) if asked else None


async def _answer(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    row: RequestRow,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
    *,
    status: int = 200,
) -> Response:
    question = await open_question(tx, row)
    may_not = await may_not_help(tx, actor, row)
    if may_not and isinstance(form, EffectForm):
        form.refuse(HelperIsOfficer())
    if question is None or may_not:  # the request's page says why
        return redirect(request, browser, f"/tramites/{row.folio}")
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    service = await service_version(tx, row.service, row.service_version)
    step = await _asked_step(tx, row)
    if step is not None and isinstance(form, EffectForm) and isinstance(form.refusal, TextTooLong):
        form.explain_at(long_texts(step, form))
    documents = {needed.kind: needed for needed in service.documents}
    person = await find_person(tx, row.person_id)
    view = await detail(tx, actor, row)
    new = {document.kind for document in view.documents if document.uploaded_at > question.created_at}
    return show(
        request,
        browser,
        "requests/answer.html",
        status=problem.status if problem else status,
        errors=form.errors if form else None,
        anchors=anchors_of(step) if step else {},
        field_labels=labels_of(step) if step else {},
        problem=problem,
        row=row,
        service=service,
        question=question,
        step=step,
        needed=[documents[kind] for kind in (question.asks or {}).get("documents", []) if kind in documents],
        new=new,
        units=await units_to_choose(tx, person, row.answers) if person and _asks_unit(step) else [],
        searches=await search_for(tx, step, person if browser.is_sure else None, form, row.answers) if step else {},
        search_path=f"/tramites/{row.folio}/responder/unidades",
        rejected={one.kind: one.reason for one in view.documents if one.state == "rejected"},
        typed=form.values if form else boxes_of(step, row.answers) if step else {},
        shown=_question_shown(row, question),
        zone=await zone_of(tx, row.unit_id),
        back=f"/tramites/{row.folio}",
    )


def _asks_unit(step: Step | None) -> bool:
    return step is not None and any(asked.view.widget == "unit" for asked in step.fields)


def _question_shown(row: RequestRow, question: RequestMessage) -> list[object]:
    """What is answered: the agency's question, of the request as it is."""
    return [row.folio, row.version, question.id]


@router.get("/responder/unidades")
async def units_page(request: Request, browser: BrowserSessionWeb, _actor: LowCitizenWeb, folio: Folio) -> Response:
    """Where a page shown after a search leads when it is asked for again."""
    return redirect(request, browser, f"/tramites/{folio}/responder")


@router.post("/responder/unidades")
async def units_searched(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Look, folio: Folio
) -> Response:
    """The page again with the units found and all that was typed; nothing is sent, and files are chosen again."""
    form.refuse(FormRedisplayed())
    return await _answer(request, browser, actor, tx, await own.own_request(tx, actor, folio), form)


@router.post("/responder/documentos")
async def answer_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The files that were chosen are attached; with «Enviar respuesta» all of it goes back to the reviewer. What
    was typed stays on the page until then."""
    row = await own.own_request(tx, actor, folio)
    question = await open_question(tx, row)
    if question is None:
        return start_again(request, browser, form, f"/tramites/{row.folio}")
    if not form.holds(_question_shown(row, question)):
        return await _answer(request, browser, actor, tx, row, form)
    is_sent = form.get("send") == "yes"
    refusal = await attach_chosen(request, tx, actor, row, form, _question_shown(row, question), is_asked=not is_sent)
    if not is_sent or refusal is not None:
        return await _answer(request, browser, actor, tx, row, form, status=refusal.status if refusal else 200)
    return await _send(request, browser, actor, tx, row, form)


async def _send(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, row: RequestRow, form: EffectForm
) -> Response:
    step = await _asked_step(tx, row)
    answers = {name: value for name, value in typed_answers(step, form).items() if value is not None} if step else {}
    body = form.required("message", N_("Escriba unas palabras, como «Aquí está»."))
    if form.errors:
        return await _answer(request, browser, actor, tx, row, form)
    try:
        verified = await attachments.verify_documents(tx, actor, row.folio)
        async with savepoint(tx):
            await messages.answer(tx, actor, row.folio, body, answers, verified=verified)
    except Problem as problem:
        await tx.refresh(row)
        requested = await _documents_asked(tx, row)
        for error in problem.fields:
            is_document = error.field in requested
            form.wrong(f"file-{error.field}" if is_document else error.field, error.message)
        return await _answer(request, browser, actor, tx, row, form, problem)
    return finish(request, browser, form, done(f"/tramites/{row.folio}", "respuesta"))


async def _documents_asked(tx: AsyncSession, row: RequestRow) -> list[str]:
    question = await open_question(tx, row)
    return list((question.asks or {}).get("documents", [])) if question else []
