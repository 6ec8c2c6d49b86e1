"""Bulk operations on requests ticked in the queue: decide with a preview, or assign to a colleague."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.catalog.queries import service_version
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import has_words
from app.kernel.problems import NotFound
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.problems import MixedServices
from app.requests.queries import own, people
from app.requests.service import assignment, decisions
from app.requests.service.decisions import Verdict
from app.requests.wording import changes_out
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import ITSELF, Effect, EffectForm, Look, shown_mark
from app.web.form_problems import PageChanged
from app.web.forms import SubmittedForm
from app.web.rendering import show
from app.web.staff.header import HEADER
from app.web.staff.queue import queue_again, view_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla/cola", dependencies=[RECORDS_VIEWS, HEADER])

MAX_AT_ONCE = 50
NOTHING_CHOSEN = N_("Seleccione al menos una solicitud.")


@router.post("/varias")
async def bulk_previewed(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look) -> Response:
    """What the same decision would do to each request ticked; nothing is done yet."""
    require(actor, Action.WORK_REQUESTS)
    return await _many(request, browser, actor, tx, form)


async def _many(
    request: Request, browser: BrowserSession, actor: Staff, tx: AsyncSession, form: EffectForm
) -> Response:
    folios = form.getlist("folio")[:MAX_AT_ONCE]
    if not folios:
        form.wrong("folio", NOTHING_CHOSEN)
        return await queue_again(request, browser, actor, tx, form)
    if apart := await _mixed(tx, actor, folios):
        return await queue_again(request, browser, actor, tx, form, problem=apart)
    service = await _service(tx, actor, folios)
    record_views(actor, ViewContext.LIST, await people.people_of(tx, actor, folios))
    reasons = {reason.code: reason for reason in service.decision.reasons}
    chosen = form.get("reason")
    lines = []
    requires_message = any(decisions.requires_message(service, verb) for verb in ("approve", "refuse"))
    if chosen in reasons and requires_message and not has_words(form.get("message")):
        form.wrong("message", decisions.NO_WORDS)
    elif chosen in reasons:
        verdict = _verdict(reasons[chosen].outcome, chosen, form)
        lines = await decisions.bulk_decide(tx, actor, folios, verdict, preview=True)
        record_views(actor, ViewContext.LIST, {who: unit for line in lines for who, unit in line.named.items()})
    elif form.get("asked"):
        form.wrong("reason", N_("Elija el motivo."))
    return show(
        request,
        browser,
        "staff/bulk.html",
        errors=form.errors or None,
        folios=folios,
        service=service,
        reasons=reasons,
        requires_message=requires_message,
        lines=lines,
        unreached=await _unreached(tx, actor, [line.folio for line in lines if line.problem is None]),
        typed=form.values,
        changes={line.folio: changes_out(line.changes) for line in lines},
        shown=await _to_decide(tx, actor, form, [line.folio for line in lines if line.problem is None]),
        queue=view_of(form),
        back=view_of(form).address(),
    )


async def _to_decide(tx: AsyncSession, actor: Staff, form: SubmittedForm, folios: list[str]) -> list[object]:
    """What the preview showed: these requests at their versions, what each changes, this reason and these words."""
    rows: list[object] = []
    for folio in sorted(folios):
        with suppress(NotFound):
            row = await own.own_request(tx, actor, folio, lock=True)
            changes = await decisions.changes_if_approved(tx, row)
            rows.append([row.folio, row.version, [[one.field, one.before, one.after] for one in changes]])
    return [rows, form.get("reason"), form.get("message")]


async def _unreached(tx: AsyncSession, actor: Staff, folios: list[str]) -> set[str]:
    """Return the folios of people who can't be reached by a message."""
    rows = [await own.own_request(tx, actor, folio) for folio in folios]
    unreached = await people.unreachable_requests(tx, rows)
    return {row.folio for row in rows if row.id in unreached}


async def _service(tx: AsyncSession, actor: Staff, folios: list[str]) -> Service:
    """The service of the first, whose reasons are offered for all."""
    first = await own.own_request(tx, actor, folios[0])
    return await service_version(tx, first.service, first.service_version)


async def _mixed(tx: AsyncSession, actor: Staff, folios: list[str]) -> MixedServices | None:
    """Why these can't be decided together: the folios that aren't of the service that most of them are of."""
    services = [(await own.own_request(tx, actor, folio)).service for folio in folios]
    most, _count = Counter(services).most_common(1)[0]
    apart = [folio for folio, service in zip(folios, services, strict=True) if service != most]
    name = str(load_services()[most].name) if most in load_services() else most
    return MixedServices(service=name, folios=", ".join(apart)) if apart else None


def _verdict(outcome: str, reason: str, form: SubmittedForm) -> Verdict:
    return Verdict("approve" if outcome == "approved" else "refuse", [reason], form.get("message"))


@router.post("/varias/decidir")
async def bulk_decided(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Done; each by itself: those of the preview, with the reason and the words that it showed."""
    require(actor, Action.WORK_REQUESTS)
    folios, chosen = form.getlist("previewed")[:MAX_AT_ONCE], form.get("reason")
    if not form.holds(await _to_decide(tx, actor, form, folios)) or not folios:
        return await _many(request, browser, actor, tx, form)
    service = await _service(tx, actor, folios)
    record_views(actor, ViewContext.LIST, await people.people_of(tx, actor, folios))
    reasons = {reason.code: reason for reason in service.decision.reasons}
    verdict = _verdict(reasons[chosen].outcome, chosen, form)
    form.outcome = ITSELF
    lines = await decisions.bulk_decide(tx, actor, folios, verdict, preview=False)
    unreached = await _unreached(tx, actor, [line.folio for line in lines if line.problem is None])
    queue = view_of(form)
    return show(
        request, browser, "staff/bulk_done.html", lines=lines, unreached=unreached, queue=queue, back=queue.address()
    )


@router.post("/asignar")
async def bulk_assigned(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect
) -> Response:
    """The requests ticked, to one colleague; each by itself. Not if one of them has another holder than the list
    showed."""
    require(actor, Action.SUPERVISE_REQUESTS)
    folios = form.getlist("folio")[:MAX_AT_ONCE]
    colleagues = {str(one.id): one for one in await people.colleagues_at(tx, actor)}
    to = colleagues.get(form.get("staff_id"))
    if to is None:
        form.wrong("staff_id", N_("Elija a quién."))
    if not folios:
        form.wrong("folio", NOTHING_CHOSEN)
    if not form.holds([]) or to is None or not folios:
        return await queue_again(request, browser, actor, tx, form)
    for folio in folios:
        row = await own.own_request(tx, actor, folio, lock=True)
        work = await people.work_of(tx, row)
        holder = work.holder_id if work and not work.has_lapsed else None
        if form.get(f"shown-{folio}") != shown_mark(form.owner, [folio, holder]):
            form.refuse(PageChanged())
            return await queue_again(request, browser, actor, tx, form)
    lines = await assignment.bulk_assign(tx, actor, folios, to.id)
    queue, name = view_of(form), to.full_name
    return show(
        request, browser, "staff/bulk_done.html", lines=lines, assigned_to=name, queue=queue, back=queue.address()
    )
