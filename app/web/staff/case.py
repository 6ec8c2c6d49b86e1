"""One request on one screen (S3): data, documents beside the checks, history; and all an officer does with it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.catalog.shelf import shelf
from app.identity.access import StaffWeb, Visit, VisitWeb, require_role
from app.kernel.actor import Staff
from app.kernel.db import Tx, attempt
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_clues, zone_of
from app.registry.models import Person
from app.requests import queries
from app.requests.problems import NotHeld
from app.requests.queries import DECIDERS, WORKERS
from app.requests.rules.papers import REASONS
from app.requests.schemas import DocumentOut
from app.requests.service import claiming, deciding, talking, visiting
from app.requests.service.cases import Case, open_case
from app.requests.service.deciding import Verdict
from app.requests.views import detail
from app.web.citizen.fields import readable
from app.web.folios import Folio
from app.web.forms import Form, Typed, new_key
from app.web.rendering import go, show

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}")

Change = Callable[[], Awaitable[Any]]
BASE = "/ventanilla/solicitudes/"


@router.get("")
async def case_page(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, folio: Folio) -> Response:
    """All there is to know, and the forms of what can be done. Looking at it is a sign of life of who has it."""
    require_role(actor, WORKERS)
    with suppress(NotHeld):
        await claiming.heartbeat(tx, actor, folio)
    return await _case(request, visit, actor, tx, folio)


async def _case(
    request: Request,
    visit: Visit,
    actor: Staff,
    tx: AsyncSession,
    folio: str,
    *,
    form: Typed | None = None,
    problem: Problem | None = None,
) -> Response:
    row = await queries.own_request(tx, actor, folio)
    service = await service_version(tx, row.service, row.service_version)
    item = await queries.work_of(tx, row)
    person = await tx.get(Person, row.person_id)
    view = await detail(tx, actor, row)
    is_mine = item is not None and item.holder_id == actor.staff_id and not item.has_lapsed
    earlier = await queries.earlier_requests(tx, actor, row)
    return show(
        request,
        visit,
        "staff/case.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        row=row,
        service=service,
        person=person,
        view=view,
        item=item,
        is_mine=is_mine,
        is_supervisor=actor.role in DECIDERS,
        answers=await readable(tx, service, row.answers),
        services=shelf(),
        earlier=earlier,
        alike=[one for one in earlier if one.service == row.service],
        rejections=REASONS,
        colleagues=await queries.colleagues_of(tx, actor, row) if actor.role in DECIDERS else [],
        zone=await zone_of(tx, row.unit_id),
        typed=form.values if form else {"ask": asking_again(service, view.documents)},
        ticked=form.many("reasons") if form else [],
        asked=form.many("documents") if form else [one.kind for one in view.documents if one.state == "rejected"],
        asked_fields=form.many("fields") if form else [],
        once=new_key(),
        back="/ventanilla/cola",
    )


def asking_again(service: Service, papers: Sequence[DocumentOut]) -> str:
    """What to ask the citizen for anew: each document that doesn't serve, and the words said of it."""
    names = {paper.kind: str(paper.name) for paper in service.documents}
    return "\n".join(f"{names.get(one.kind, one.kind)}: {one.reason}" for one in papers if one.state == "rejected")


async def _do(
    request: Request, visit: Visit, actor: Staff, tx: AsyncSession, folio: str, form: Typed, change: Change
) -> Response:
    """Do it and show the request anew; a refusal is said on its page, and what was typed is kept."""
    if not form.errors:
        try:
            async with attempt(tx):
                await change()
        except Problem as problem:
            if problem.status == 404:
                raise
            form.errors.extend(problem.fields)
            return await _case(request, visit, actor, tx, folio, form=form, problem=problem)
        return go(request, visit, f"{BASE}{folio}")
    return await _case(request, visit, actor, tx, folio, form=form)


@router.post("/tomar")
async def claimed(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """Take this one."""
    return await _do(request, visit, actor, tx, folio, form, lambda: claiming.claim_one(tx, actor, folio))


@router.post("/sigo")
async def kept(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """A sign of life: the lease starts anew."""
    return await _do(request, visit, actor, tx, folio, form, lambda: claiming.heartbeat(tx, actor, folio))


@router.post("/soltar")
async def released(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """Back to the queue."""
    return await _do(request, visit, actor, tx, folio, form, lambda: claiming.release(tx, actor, folio))


@router.post("/asignar")
async def assigned(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """To a colleague."""
    to = form.chosen_id("staff_id", N_("Elija a quién."))

    async def assign() -> None:
        if to is not None:
            await claiming.assign(tx, actor, folio, to)

    return await _do(request, visit, actor, tx, folio, form, assign)


@router.post("/enviar")
async def transferred(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """To another unit; the sender may not see it any more."""
    clues = form.required("clues", N_("Escriba la CLUES de la unidad."))
    if form.errors:
        return await _case(request, visit, actor, tx, folio, form=form)
    try:
        unit = await unit_by_clues(tx, clues)
    except NotFound:
        form.wrong("clues", N_("No hay una unidad con esa CLUES."))
        return await _case(request, visit, actor, tx, folio, form=form)
    try:
        async with attempt(tx):
            await claiming.transfer(tx, actor, folio, unit.id)
    except Problem as problem:
        return await _case(request, visit, actor, tx, folio, form=form, problem=problem)
    return go(request, visit, "/ventanilla/cola")


@router.post("/pedir")
async def asked(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """«We need this from you»: the clock stands still."""
    body = form.required("ask", N_("Escriba qué necesita y por qué."))
    kinds, fields = form.many("documents"), form.many("fields")
    return await _do(
        request,
        visit,
        actor,
        tx,
        folio,
        form,
        lambda: talking.ask(tx, actor, folio, body, kinds=kinds, fields=fields),
    )


@router.post("/mensaje")
async def said(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """To the citizen, or a note for staff."""
    body = form.required("body", N_("Escriba su mensaje."))
    is_note = form.get("note") == "yes"
    return await _do(
        request,
        visit,
        actor,
        tx,
        folio,
        form,
        lambda: talking.write_message(tx, actor, folio, body, is_note=is_note),
    )


@router.post("/vino")
async def attended(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """The citizen came to the window."""
    return await _do(request, visit, actor, tx, folio, form, lambda: visiting.attend(tx, actor, folio))


@router.post("/decidir")
async def decision_previewed(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio
) -> Response:
    """S5: what the citizen will read, before it is final."""
    case = await open_case(tx, actor, folio)
    action = form.get("action")
    known = {reason.code: reason for reason in deciding.reasons_for(case, action)}
    reasons = [code for code in form.many("reasons") if code in known]
    if action not in deciding.VERBS:
        form.wrong("action", N_("Elija qué se decide."))
    elif not reasons and action != "refer":
        form.wrong("reasons", N_("Elija al menos un motivo de esa decisión."))
    if form.errors:
        return await _case(request, visit, actor, tx, folio, form=form)
    return show(
        request,
        visit,
        "staff/decide.html",
        row=case.request,
        service=case.service,
        person=case.person,
        action=action,
        reasons=[known[code] for code in reasons],
        is_proposal=action == "refuse" and _needs_second(case),
        message=form.get("message"),
        once=new_key(),
        back=f"{BASE}{folio}",
    )


def _needs_second(case: Case) -> bool:
    """Whether a refusal is only proposed, for somebody else to confirm."""
    way = case.service.workflow.find(case.request.status, "refuse", "officer")
    return way is not None and case.service.workflow.states[way.target].kind != "final"


@router.post("/decidir/confirmar")
async def decided(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Form, folio: Folio) -> Response:
    """Final. Sent twice, it is decided once: the second finds nothing to decide."""
    action = deciding.VERBS.get(form.get("action"))
    if action is None:
        return go(request, visit, f"{BASE}{folio}")
    verdict = Verdict(action, form.many("reasons"), form.get("message"))
    return await _do(request, visit, actor, tx, folio, form, lambda: deciding.decide(tx, actor, folio, verdict))
