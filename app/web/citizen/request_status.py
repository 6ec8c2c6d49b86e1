"""A request of mine: how it goes, what is owed, what can be done; and its documents."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.catalog.queries import service_version
from app.certificates import service as certificates
from app.certificates.decisions import require_document_level
from app.certificates.sections import build_sections
from app.certificates.snapshot import snapshot_of
from app.desk.service.visits import visit_time
from app.documents import service as documents
from app.documents.file_response import file_response
from app.kernel import clock
from app.kernel.actor import Assurance, Citizen
from app.kernel.db import release_connection, savepoint
from app.kernel.http.parameters import Tx
from app.kernel.http.sse import StateMessage
from app.kernel.i18n import N_, language
from app.kernel.parsing import whole_number
from app.kernel.problems import Problem
from app.places.queries import unit_by_id, zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import find_person
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.events import MessageResolved
from app.requests.presenters import detail
from app.requests.problems import AlreadyAppealed, HelperIsOfficer
from app.requests.queries import case_file, own
from app.requests.queries.case_file import open_question
from app.requests.queries.live import request_version
from app.requests.schemas import RequestDetailOut
from app.requests.service import closing, messages
from app.requests.service.cases import MESSAGE_DAYS, case_of, may_not_help
from app.requests.service.undo import certificate_from
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.clinic_change import left_behind
from app.web.citizen.fields import readable
from app.web.citizen.progress import stages_of, tasks_of
from app.web.citizen.submitted import done, done_sentence
from app.web.effects import Effect, EffectForm
from app.web.folios import Folio
from app.web.forms import SubmittedForm
from app.web.rendering import already_done, finish, redirect, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request as RequestRow

router = APIRouter(prefix="/tramites/{folio:folio}", dependencies=[RECORDS_VIEWS])

MAX_LOOKED_AT = 50
RESOLUTION = "resolution"
Change = Callable[[], Awaitable[Any]]


@router.get("")
async def request_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """Received, in review, needs you, decided; the day it is due, and what to do now."""
    row = await own.own_request(tx, actor, folio)
    return await _page(request, browser, actor, tx, row)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    row: RequestRow,
    *,
    problem: Problem | None = None,
    form: SubmittedForm | None = None,
) -> Response:
    service = await service_version(tx, row.service, row.service_version)
    person = await find_person(tx, row.person_id)
    view = await detail(tx, actor, row)
    zone = await zone_of(tx, row.unit_id)
    received_on = clock.local_day(row.submitted_at, zone) if row.submitted_at else None
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    return show(
        request,
        browser,
        "requests/request.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        row=row,
        service=service,
        view=view,
        person=person,
        done=done_sentence(request, browser, row, view) if problem is None else None,
        stages=stages_of(row, service, {one.type for one in view.history}, received_on),
        visit_at=await visit_time(tx, row),
        unit=await unit_by_id(tx, row.unit_id) if row.unit_id else None,
        certified=build_sections(snapshot_of(row)) if view.certificate and _is_answer(row) else None,
        document_names={needed.kind: str(needed.name) for needed in service.documents},
        read_at=_read_without_answer(view),
        tasks=tasks_of(service, view) if row.kind == "draft" else [],
        alike=await _alike(tx, actor, row) if service.duplicates_by and row.kind != "draft" else None,
        question=await open_question(tx, row),
        answers=await readable(tx, service, row.answers),
        left_behind=await left_behind(tx, actor, service, row, person),
        zone=zone,
        accepts_feedback=closing.accepts_feedback(row) and row.applicant_id == actor.person_id,
        typed=form.values if form else {},
        certificate_from=certificate_from(row),
        message_days=MESSAGE_DAYS,
        keeps_helper_out=HelperIsOfficer() if await may_not_help(tx, actor, row) else None,
        is_sure=actor.assurance is Assurance.FULL,
        shown=message_shown(row),
        live=None if row.kind == "draft" else StateMessage.of_version(await request_version(tx, row)).id,
        back="/mi",
    )


def _is_answer(row: RequestRow) -> bool:
    """Whether the document is itself what was asked for, such as a number or a list, and no decision about it."""
    return bool(row.result.get("template", RESOLUTION) != RESOLUTION)


def _read_without_answer(view: RequestDetailOut) -> datetime | None:
    """When the citizen's last message was read by staff who saw no need to answer it."""
    mine = [one.created_at for one in view.messages if one.author_kind == "citizen"]
    answers = [one.created_at for one in view.messages if one.author_kind != "citizen"]
    read = [one.at for one in view.history if one.type == MessageResolved.type]
    if not mine or not read or max(read) < max(mine) or (answers and max(answers) > max(read)):
        return None
    return max(read)


def message_shown(row: RequestRow) -> list[object]:
    """What a message, or the opinion at the end, is about: the request as it stands."""
    return [row.folio, row.kind, row.outcome]


async def _alike(tx: AsyncSession, actor: Citizen, row: RequestRow) -> list[RequestRow]:
    """The other requests of the same service for the same person: a family is registered one by one."""
    mine = await own.own_requests(tx, actor, limit=MAX_LOOKED_AT)
    return [one for one in mine if one.service == row.service and one.id != row.id and one.person_id == row.person_id]


@router.get("/documentos/{document_id}")
async def document_page(
    _visit: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio, document_id: UUID
) -> Response:
    """A document, shown in the browser."""
    row = await own.own_request(tx, actor, folio)
    document = await documents.document_of(tx, row.person_id, row.id, document_id)
    record_views(actor, ViewContext.DOCUMENT, {row.person_id: row.unit_id})
    async with release_connection(tx):
        content = await documents.read_content(document)
    return file_response(document, content, inline=True)


@router.get("/constancia")
async def certificate_page(_visit: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio) -> Response:
    """The official document, in the page's language: made once, the same ever after."""
    row = await own.own_request(tx, actor, folio)
    await require_document_level(tx, actor, row)
    certificate = await certificates.issue(tx, actor, row, language())
    record_views(actor, ViewContext.CERTIFICATE, {row.person_id: row.unit_id})
    headers = {"Content-Disposition": f'attachment; filename="{certificate.template}-{certificate.folio}.pdf"'}
    async with release_connection(tx):
        content = await certificates.read_content(certificate)
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/retirar")
async def withdraw_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """What it means, before the button. One that can't be withdrawn is shown as it stands."""
    row = await own.own_request(tx, actor, folio)
    if "withdraw" not in (await detail(tx, actor, row)).actions or await may_not_help(tx, actor, row):
        return redirect(request, browser, f"/tramites/{row.folio}")
    return await _withdraw(request, browser, tx, row)


async def _withdraw(request: Request, browser: BrowserSession, tx: AsyncSession, row: RequestRow) -> Response:
    return show(
        request,
        browser,
        "requests/withdraw.html",
        row=row,
        visit_at=await visit_time(tx, row),
        service=await service_version(tx, row.service, row.service_version),
        is_appeal=row.kind != "final" and await case_file.appeal_of(tx, row) is not None,
        shown=[row.folio, row.version],
        back=f"/tramites/{row.folio}",
    )


@router.post("/retirar")
async def withdraw_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Taken back."""
    row = await own.own_request(tx, actor, folio, lock=True)
    if not form.holds([row.folio, row.version]):
        if row.outcome == "withdrawn":
            return already_done(request, browser, done(f"/tramites/{row.folio}", "retirada"))
        return await _page(request, browser, actor, tx, row, form=form)
    return await _do(request, browser, actor, tx, form, folio, lambda: closing.withdraw(tx, actor, folio), "retirada")


@router.get("/revision")
async def appeal_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """Why it should be looked at again. A decision that was appealed already says so; what can't be appealed, why."""
    row = await own.own_request(tx, actor, folio)
    try:
        await closing.require_appealable(tx, await case_of(tx, row))
    except AlreadyAppealed:
        return await _appeal(request, browser, actor, tx, row, SubmittedForm({}))
    except Problem as problem:
        return await _page(request, browser, actor, tx, row, problem=problem)
    return await _appeal(request, browser, actor, tx, row, SubmittedForm({}))


async def _appeal(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, row: RequestRow, form: SubmittedForm
) -> Response:
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    return show(
        request,
        browser,
        "requests/appeal.html",
        errors=form.errors,
        row=row,
        is_sure=actor.assurance is Assurance.FULL,
        to_write=message_shown(row),
        service=await service_version(tx, row.service, row.service_version),
        view=await detail(tx, actor, row),
        typed=form.values,
        shown=[row.folio, row.version],
        zone=await zone_of(tx, row.unit_id),
        back=f"/tramites/{row.folio}",
    )


@router.post("/revision")
async def appeal_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """A supervisor looks at it."""
    body = form.required("message", N_("Escriba por qué debe revisarse."))
    row = await own.own_request(tx, actor, folio, lock=True)
    if not form.holds([row.folio, row.version]) or form.errors:
        return await _appeal(request, browser, actor, tx, row, form)
    try:
        await closing.require_appealable(tx, await case_of(tx, row))
    except AlreadyAppealed as problem:
        form.refuse(problem)
        return await _appeal(request, browser, actor, tx, row, form)
    except Problem:
        pass  # said on the request's own page
    return await _do(
        request, browser, actor, tx, form, folio, lambda: closing.appeal(tx, actor, folio, body), "revision"
    )


@router.post("/mensajes")
async def message_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Post a message to the reviewer."""
    body = form.required("message", N_("Escriba su mensaje."))
    row = await own.own_request(tx, actor, folio, lock=True)
    if not form.holds(message_shown(row)) or form.errors:
        return await _page(request, browser, actor, tx, row, form=form)
    write = lambda: messages.post_message(tx, actor, row.folio, body)  # noqa: E731 # run within `_do`
    return await _do(request, browser, actor, tx, form, folio, write, "mensaje")


@router.post("/opinion")
async def feedback_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The one question; leaving it empty is fine."""
    row = await own.own_request(tx, actor, folio, lock=True)
    if not form.holds(message_shown(row)):
        return await _page(request, browser, actor, tx, row, form=form)
    would_visit = {"yes": True, "no": False}.get(form.get("would_have_done"))
    score = form.get("satisfaction")
    satisfaction = whole_number(score) if score in {"1", "2", "3", "4", "5"} else None
    return await _do(
        request,
        browser,
        actor,
        tx,
        form,
        folio,
        lambda: closing.give_feedback(tx, actor, folio, would_have_visited=would_visit, satisfaction=satisfaction),
        "opinion",
    )


async def _do(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    form: EffectForm,
    folio: str,
    change: Change,
    what: str,
) -> Response:
    """Do it and show the request, which says so; a refusal is said on its page, and what was typed stays there."""
    try:
        async with savepoint(tx):
            await change()
    except Problem as problem:
        if problem.status == 404:
            raise
        row = await own.own_request(tx, actor, folio)
        return await _page(request, browser, actor, tx, row, problem=problem, form=form)
    return finish(request, browser, form, done(f"/tramites/{folio}", what))
