"""One request on one screen (S3): data, documents beside the checks, history; and all an officer does with it."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.queries import service_version
from app.catalog.shelf import shelf
from app.desk import service as desk
from app.desk.problems import VisitOnAnotherDay
from app.identity.access import StaffWeb, Visit, VisitWeb, require_role
from app.kernel import folding
from app.kernel.actor import Staff
from app.kernel.db import Tx, attempt
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_clues, zone_of
from app.registry.access_log import RECORDS_VIEWS, ViewContext, record_views
from app.registry.models import Person
from app.requests import queries
from app.requests.correction_words import changes_out
from app.requests.models import Request as RequestRow
from app.requests.problems import NotHeld
from app.requests.queries import DECIDERS, WORKERS
from app.requests.queries.people import Work
from app.requests.rules.papers import REASONS
from app.requests.schemas import DocumentOut, RequestDetailOut
from app.requests.service import claiming, deciding, talking, undoing
from app.requests.service.cases import Case, open_case
from app.requests.service.deciding import Outlook, Verdict
from app.requests.views import detail
from app.web.citizen.fields import readable
from app.web.effects import Effect, EffectForm, Look
from app.web.folios import Folio
from app.web.forms import Typed
from app.web.rendering import go, show

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}", dependencies=[RECORDS_VIEWS])

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
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    view = await detail(tx, actor, row)
    is_mine = item is not None and item.holder_id == actor.staff_id and not item.has_lapsed
    asks_again = asking_again(service, view.documents)
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
        decides=is_mine and item is not None and item.kind == "decision",
        needs_words=any(deciding.needs_words(service, verb) for verb in ("approve", "refuse")),
        is_supervisor=actor.role in DECIDERS,
        visit_time=await desk.visit_time(tx, row),
        asks_other_day=isinstance(problem, VisitOnAnotherDay),
        is_excluded=item is not None and actor.staff_id in row.excluded_ids,
        answers=await readable(tx, service, row.answers),
        services=shelf(),
        earlier=earlier,
        is_unreached=row.kind != "draft" and bool(await queries.unreachable_requests(tx, [row])),
        alike=[one for one in earlier if one.service == row.service],
        rejections=REASONS,
        colleagues=await queries.colleagues_of(tx, actor, row) if actor.role in DECIDERS else [],
        zone=await zone_of(tx, row.unit_id),
        typed={"ask": asks_again} | dict(form.values if form else {}),
        is_kept=form is not None and has_words(form, asks_again),
        ticked=form.many("reasons") if form else [],
        asked=form.many("documents") if form else [one.kind for one in view.documents if one.state == "rejected"],
        asked_fields=form.many("fields") if form else [],
        shown=case_shown(row, view, item),
        back="/ventanilla/cola",
    )


def asking_again(service: Service, papers: Sequence[DocumentOut]) -> str:
    """What to ask the citizen for anew: each document that doesn't serve, and the words said of it."""
    names = {paper.kind: str(paper.name) for paper in service.documents}
    return "\n".join(f"{names.get(one.kind, one.kind)}: {one.reason}" for one in papers if one.state == "rejected")


def case_shown(row: RequestRow, view: RequestDetailOut, work: Work | None) -> list[object]:
    """What staff see of a request before they act: its version, who has it, its documents, messages and changes."""
    holder = work.holder_id if work and not work.has_lapsed else None
    papers = [[one.id, one.state] for one in view.documents]
    changes = [[one.field, one.before, one.after] for one in view.changes]
    said = [[one.kind, one.created_at] for one in view.messages]
    return [row.folio, row.version, holder, papers, said, changes]


async def holds_case(tx: AsyncSession, actor: Staff, folio: str, form: EffectForm, *more: object) -> bool:
    """Whether the request, locked, is as the page showed it."""
    row = await queries.own_request(tx, actor, folio, lock=True)
    return form.holds(case_shown(row, await detail(tx, actor, row), await queries.work_of(tx, row)), *more)


def has_words(form: Typed, asks_again: str) -> bool:
    """Whether something was typed or ticked that another button of the page would send."""
    texts = [form.get("message"), form.get("body"), form.get("action"), form.get("reasons"), form.get("clues")]
    told = [value for name, value in form.values.items() if name.startswith(("reason-", "because-"))]
    return any(texts + told) or form.get("ask") not in {"", " ".join(asks_again.split()), asks_again.strip()}


async def do(
    request: Request,
    visit: Visit,
    actor: Staff,
    tx: AsyncSession,
    folio: str,
    form: EffectForm,
    change: Change,
    *spent: str,
) -> Response:
    """Do it and show the request again. Its page is one form: what was typed for another of its buttons stays (`spent`
    are the fields that this one used); so does everything after a refusal."""
    if not await holds_case(tx, actor, folio, form) or form.errors:
        return await _case(request, visit, actor, tx, folio, form=form)
    try:
        async with attempt(tx):
            await change()
    except Problem as problem:
        if problem.status == 404:
            raise
        form.errors.extend(problem.fields)
        return await _case(request, visit, actor, tx, folio, form=form, problem=problem)
    rest = form.rest(*spent)
    row = await queries.own_request(tx, actor, folio)
    service = await service_version(tx, row.service, row.service_version)
    if not has_words(rest, asking_again(service, (await detail(tx, actor, row)).documents)):
        return go(request, visit, f"{BASE}{folio}")
    form.has_acted = True
    return await _case(request, visit, actor, tx, folio, form=rest)


@router.post("/tomar")
async def claimed(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """Take this one."""
    return await do(request, visit, actor, tx, folio, form, lambda: claiming.claim_one(tx, actor, folio))


@router.post("/sigo")
async def kept(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Look, folio: Folio) -> Response:
    """A sign of life: the lease starts anew, and the page stays as it was typed."""
    try:
        await claiming.heartbeat(tx, actor, folio)
    except NotHeld as problem:
        return await _case(request, visit, actor, tx, folio, form=form, problem=problem)
    return await _case(request, visit, actor, tx, folio, form=form)


@router.post("/soltar")
async def released(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """Back to the queue."""
    return await do(request, visit, actor, tx, folio, form, lambda: claiming.release(tx, actor, folio))


@router.post("/asignar")
async def assigned(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """To a colleague."""
    to = form.chosen_id("staff_id", N_("Elija a quién."))

    async def assign() -> None:
        if to is not None:
            await claiming.assign(tx, actor, folio, to)

    return await do(request, visit, actor, tx, folio, form, assign, "staff_id")


@router.post("/enviar")
async def transferred(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """To another unit; the sender may not see it any more."""
    clues = form.required("clues", N_("Escriba la CLUES de la unidad."))
    unit_id = None
    if clues:
        try:
            unit_id = (await unit_by_clues(tx, clues)).id
        except NotFound:
            form.wrong("clues", N_("No hay una unidad con esa CLUES."))
    if not await holds_case(tx, actor, folio, form) or unit_id is None:
        return await _case(request, visit, actor, tx, folio, form=form)
    try:
        async with attempt(tx):
            await claiming.transfer(tx, actor, folio, unit_id)
    except Problem as problem:
        return await _case(request, visit, actor, tx, folio, form=form, problem=problem)
    return go(request, visit, "/ventanilla/cola")


@router.post("/pedir")
async def asked(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """«We need this from you»: the clock stands still."""
    body = form.required("ask", N_("Escriba qué necesita y por qué."))
    kinds, fields = form.many("documents"), form.many("fields")
    change = lambda: talking.ask(tx, actor, folio, body, kinds=kinds, fields=fields)  # noqa: E731
    return await do(request, visit, actor, tx, folio, form, change, "ask", "documents", "fields")


@router.post("/mensaje")
async def said(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """To the citizen, or a note for staff."""
    body = form.required("body", N_("Escriba su mensaje."))
    is_note = form.get("note") == "yes"
    change = lambda: talking.write_message(tx, actor, folio, body, is_note=is_note)  # noqa: E731
    return await do(request, visit, actor, tx, folio, form, change, "body", "note")


@router.post("/leido")
async def message_read(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The citizen's message was read and needs no answer."""
    return await do(request, visit, actor, tx, folio, form, lambda: talking.resolve_message(tx, actor, folio))


@router.post("/vino")
async def attended(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """The citizen came to the window. When today isn't the visit's day, the page asks first; what is confirmed is the
    day that it showed."""
    row = await queries.own_request(tx, actor, folio)
    booked = await desk.visit_time(tx, row)
    is_confirmed = booked is not None and form.get("other_day") == booked.on_date.isoformat()
    change = lambda: desk.attend(tx, actor, folio, other_day=is_confirmed)  # noqa: E731
    return await do(request, visit, actor, tx, folio, form, change, "other_day")


@router.post("/deshacer")
async def undone(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """The registry says again what it said before the approval; who approved has the request again."""
    return await do(request, visit, actor, tx, folio, form, lambda: undoing.undo_approval(tx, actor, folio))


@router.post("/decidir")
async def decision_previewed(
    request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Look, folio: Folio
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
    if deciding.needs_words(case.service, action) and not folding.has_words(form.get("message")):
        form.wrong("message", deciding.NO_WORDS)
    if not await holds_case(tx, actor, folio, form) or form.errors:
        return await _case(request, visit, actor, tx, folio, form=form)
    record_views(actor, ViewContext.CASE, {case.request.person_id: case.request.unit_id})
    outlook = await _outlook(tx, actor, case, action, reasons)
    used = {"action", "reasons", "message"}
    rest = form.rest(*used)
    return show(
        request,
        visit,
        "staff/decide.html",
        row=case.request,
        service=case.service,
        person=case.person,
        action=action,
        reasons=[known[code] for code in reasons],
        is_proposal=_is_proposal(case, action),
        may_appeal=_may_appeal(case, action),
        is_unreached=bool(await queries.unreachable_requests(tx, [case.request])),
        message=form.get("message"),
        changes=changes_out(outlook.changes),
        outlook=outlook,
        rest=[(name, value) for name, values in rest.lists.items() for value in values],
        shown=await _to_decide(tx, actor, case, action, reasons, form.get("message"), outlook),
        back=f"{BASE}{folio}",
    )


async def _outlook(tx: AsyncSession, actor: Staff, case: Case, action: str, reasons: Sequence[str]) -> Outlook:
    """What the decision would change in the registry, and what stands in its way."""
    return await deciding.outlook(tx, actor, case, reasons) if action == "approve" else Outlook()


async def _to_decide(
    tx: AsyncSession,
    actor: Staff,
    case: Case,
    action: str,
    reasons: Sequence[str],
    message: str,
    outlook: Outlook,
) -> list[object]:
    """What is decided: the request as it was, the letter that was previewed, and what changes in the registry."""
    row = case.request
    seen = case_shown(row, await detail(tx, actor, row), await queries.work_of(tx, row))
    return [seen, action, sorted(reasons), message, _is_proposal(case, action), outlook.facts]


def _is_proposal(case: Case, action: str) -> bool:
    return action == "refuse" and _needs_second(case)


def _may_appeal(case: Case, action: str) -> bool:
    """Whether the citizen may ask for the internal review of this decision: not of the one on an appeal."""
    way = case.service.workflow.find(case.request.status, action, "supervisor")
    return case.service.appeal is not None and way is not None and not case.upholds(way)


def _needs_second(case: Case) -> bool:
    """Whether a refusal is only proposed, for somebody else to confirm."""
    way = case.service.workflow.find(case.request.status, "refuse", "officer")
    return way is not None and case.service.workflow.states[way.target].kind != "final"


@router.post("/decidir/confirmar")
async def decided(request: Request, visit: VisitWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio) -> Response:
    """Final: what was previewed, of the request as it was previewed."""
    case = await open_case(tx, actor, folio)
    verb, reasons, message = form.get("action"), form.many("reasons"), form.get("message")
    action = deciding.VERBS.get(verb)
    if action is None:
        form.wrong("action", N_("Elija qué se decide."))
    outlook = await _outlook(tx, actor, case, verb, reasons)
    if not form.holds(await _to_decide(tx, actor, case, verb, reasons, message, outlook)) or action is None:
        return await _case(request, visit, actor, tx, folio, form=form)
    try:
        async with attempt(tx):
            await deciding.decide(tx, actor, folio, Verdict(action, reasons, message), version=case.request.version)
    except Problem as problem:
        if problem.status == 404:
            raise
        form.errors.extend(problem.fields)
        return await _case(request, visit, actor, tx, folio, form=form, problem=problem)
    return go(request, visit, f"{BASE}{folio}")
