"""A decision on a request: what the citizen will read, then the decision itself, and on to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.kernel import parsing
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.idempotency import KEY_FIELD
from app.kernel.problems import Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.presenters import detail
from app.requests.problems import QueueEmpty, ReviewerExcluded
from app.requests.queries import own, people
from app.requests.rules.kinship import is_asked_by_relative
from app.requests.service import decisions
from app.requests.service.cases import Case, open_case
from app.requests.service.decisions import ApprovalPreview, Verdict
from app.requests.wording import changes_out
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, Look
from app.web.folios import Folio
from app.web.rendering import redirect, show
from app.web.staff.case import case_shown, holds_case, show_case
from app.web.staff.header import HEADER, done
from app.web.staff.queue import QUEUE_FIELD, case_address, take_next, view_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}", dependencies=[RECORDS_VIEWS, HEADER])


@router.post("/decidir")
async def decision_previewed(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look, folio: Folio
) -> Response:
    """What the citizen will read, before it is final."""
    case = await open_case(tx, actor, folio)
    queue = view_of(form)
    if actor.staff_id in case.request.excluded_ids:
        refused = ReviewerExcluded()
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form, problem=refused)
    quick = form.get("quick")  # the button of a reason to approve
    action = "approve" if quick else form.get("action")
    known = {reason.code: reason for reason in decisions.reasons_for(case, action)}
    reasons = [code for code in ([quick] if quick else form.getlist("reasons")) if code in known]
    if action == "approve" and not quick and not reasons and len(known) == 1:
        reasons = list(known)  # a service that is approved for one reason only
    if action not in decisions.VERBS:
        form.wrong("action", N_("Elija qué se decide."))
    elif not reasons and action != "refer":
        form.wrong("reasons", N_("Elija al menos un motivo de esa decisión."))
    if decisions.requires_message(case.service, action) and not parsing.has_words(form.get("message")):
        form.wrong("message", decisions.NO_WORDS)
    if not await holds_case(tx, actor, folio, form) or form.errors:
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form)
    record_views(actor, ViewContext.CASE, {case.request.person_id: case.request.unit_id})
    preview = await _preview(tx, actor, case, action, reasons)
    used = {"action", "quick", "reasons", "message", QUEUE_FIELD}
    rest = form.rest(*used)
    return show(
        request,
        browser,
        "staff/decide.html",
        row=case.request,
        service=case.service,
        person=case.person,
        action=action,
        reasons=[known[code] for code in reasons],
        is_proposal=_is_proposal(case, action),
        may_appeal=_may_appeal(case, action),
        is_upheld=_upholds(case, action),
        is_unreached=bool(await people.unreachable_requests(tx, [case.request])),
        message=form.get("message"),
        changes=changes_out(preview.changes),
        preview=preview,
        asked_by_relative=is_asked_by_relative(case.request.answers),
        rest=[(name, value) for name, values in rest.lists.items() for value in values],
        shown=await _to_decide(tx, actor, case, action, reasons, form.get("message"), preview),
        queue=queue.query(),
        back=case_address(folio, queue),
    )


async def _preview(tx: AsyncSession, actor: Staff, case: Case, action: str, reasons: Sequence[str]) -> ApprovalPreview:
    """What the decision would change in the registry, and what stands in its way."""
    return await decisions.preview_approval(tx, actor, case, reasons) if action == "approve" else ApprovalPreview()


async def _to_decide(
    tx: AsyncSession,
    actor: Staff,
    case: Case,
    action: str,
    reasons: Sequence[str],
    message: str,
    preview: ApprovalPreview,
) -> list[object]:
    """What is decided: the request as it was, the letter that was previewed, and what changes in the registry."""
    row = case.request
    seen = case_shown(row, await detail(tx, actor, row), await people.work_of(tx, row))
    return [seen, action, sorted(reasons), message, _is_proposal(case, action), preview.facts]


def _is_proposal(case: Case, action: str) -> bool:
    return action == "refuse" and _needs_second(case)


def _may_appeal(case: Case, action: str) -> bool:
    """Whether the citizen may ask for the internal review of this decision: not of the one on an appeal."""
    way = case.service.workflow.allowed_transition(case.request.status, action, "supervisor")
    return case.service.appeal is not None and way is not None and not case.upholds(way)


def _needs_second(case: Case) -> bool:
    """Whether a refusal is only proposed, for a second reviewer to confirm."""
    way = case.service.workflow.allowed_transition(case.request.status, "refuse", "officer")
    return way is not None and case.service.workflow.states[way.target].kind != "final"


def _upholds(case: Case, action: str) -> bool:
    """Whether this decision leaves a refusal under appeal as it was."""
    way = case.service.workflow.allowed_transition(case.request.status, action, "supervisor")
    return way is not None and case.upholds(way)


@router.post("/decidir/confirmar")
async def decided(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Final: what was previewed, of the request as it was previewed; then this request again, or the next one."""
    case = await open_case(tx, actor, folio)
    queue = view_of(form)
    verb, reasons, message = form.get("action"), form.getlist("reasons"), form.get("message")
    action = decisions.VERBS.get(verb)
    if action is None:
        form.wrong("action", N_("Elija qué se decide."))
    preview = await _preview(tx, actor, case, verb, reasons)
    if not form.holds(await _to_decide(tx, actor, case, verb, reasons, message, preview)) or action is None:
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form)
    try:
        async with savepoint(tx):
            await decisions.decide(tx, actor, folio, Verdict(action, reasons, message), version=case.request.version)
    except Problem as problem:
        if problem.status == 404:
            raise
        form.errors.extend(problem.fields)
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form, problem=problem)
    row = await own.own_request(tx, actor, folio)
    done_as = "regresada" if verb == "refer" else "decidida" if row.kind == "final" else "propuesta"
    # Another tab that sends the same is shown the request itself, which says when it has changed since.
    form.outcome = done(case_address(folio, queue), done_as, folio, row.version)
    if not form.get("next"):
        return redirect(request, browser, form.outcome)
    try:
        async with savepoint(tx):
            taken = await take_next(tx, actor, form.get(KEY_FIELD), queue)
    except QueueEmpty:
        done_as = "ultima" if done_as == "decidida" else done_as
        return redirect(request, browser, done(queue.address(), done_as, folio))
    return redirect(request, browser, done(case_address(taken.folio, queue), done_as, folio))
