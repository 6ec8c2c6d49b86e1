"""One request on one screen: data, documents beside the decision, history; and what an officer says about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.catalog.queries import service_version
from app.desk.problems import VisitOnAnotherDay
from app.desk.service import visits as desk
from app.identity.permissions import Action, may, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.notifications import unaddressed
from app.places.queries import search_units, zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.problems import CurpAlreadyRegistered
from app.registry.queries import find_person
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.presenters import detail
from app.requests.problems import ClaimNotHeld
from app.requests.queries import case_file, own, people
from app.requests.queries.people import Work
from app.requests.queries.queue import roles_of
from app.requests.rules.checks import REASONS
from app.requests.rules.kinds import WorkItemKind
from app.requests.rules.kinship import is_asked_by_relative
from app.requests.schemas import RequestDetailOut, RequestDocumentOut
from app.requests.service import claims, decisions, messages, undo
from app.requests.service.cases import excluded_from
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.citizen.fields import readable
from app.web.effects import Effect, EffectForm
from app.web.folios import Folio
from app.web.forms import SubmittedForm
from app.web.rendering import finish, redirect, show
from app.web.staff.first_decision import first_decision
from app.web.staff.header import HEADER, announce, done, outdate
from app.web.staff.history import entries
from app.web.staff.queue import QUEUE_FIELD, case_address, view_of
from app.web.staff.queue_filters import QueueView

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.requests.models import Request as RequestRow

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}", dependencies=[RECORDS_VIEWS, HEADER])

Change = Callable[[], Awaitable[Any]]
MAX_UNITS = 10
MAX_QUICK = 3
"""Reasons to approve that have a button each; of a service with more they are chosen from the list."""
SEARCH = "unit_search"


@router.get("")
async def case_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    folio: Folio,
    cola: Annotated[str, Query(max_length=600)] = "",
) -> Response:
    """All there is to know, and the forms of what can be done. Looking at it is a heartbeat of who has it. `cola`: the
    query of the list that it was opened from."""
    require(actor, Action.WORK_REQUESTS)
    with suppress(ClaimNotHeld):
        await claims.heartbeat(tx, actor, folio)
    return await show_case(request, browser, actor, tx, folio, queue=QueueView.of_query(cola))


async def show_case(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    folio: str,
    *,
    queue: QueueView,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    """The page, with what was typed."""
    row = await own.own_request(tx, actor, folio)
    outdate(request, row.version)
    service = await service_version(tx, row.service, row.service_version)
    item = await people.work_of(tx, row)
    person = await find_person(tx, row.person_id)
    record_views(actor, ViewContext.CASE, {row.person_id: row.unit_id})
    view = await detail(tx, actor, row)
    is_held = item is not None and item.holder_id is not None and not item.has_lapsed
    is_mine = is_held and item is not None and item.holder_id == actor.staff_id
    asks_again = asking_again(service, view.documents)
    earlier = await people.earlier_requests(tx, actor, row)
    zone = await zone_of(tx, row.unit_id)
    reasons = service.decision.reasons_for(row.answers)
    approvals = [one for one in reasons if one.outcome == "approved"]
    requires_message = any(decisions.requires_message(service, verb) for verb in ("approve", "refuse"))
    searched = form.get(SEARCH)[:120] if form else ""
    obstacle = CurpAlreadyRegistered() if await own.has_registered_curp(tx, service, row) else None
    events = await case_file.staff_history(tx, row.id)
    is_unreached = row.kind != "draft" and bool(await people.unreachable_requests(tx, [row]))
    notices = await unaddressed.notice_summary(tx, actor, folio=row.folio)
    is_excluded = item is not None and actor.staff_id in excluded_from(WorkItemKind(item.kind), row)
    return show(
        request,
        browser,
        "staff/case.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        row=row,
        service=service,
        person=person,
        view=view,
        item=item,
        is_held=is_held,
        is_mine=is_mine,
        may_take=item is not None and not is_excluded and item.role in roles_of(actor.role),
        decides=is_mine and item is not None and item.kind == "decision" and not is_excluded,
        is_helper=actor.staff_id in excluded_from(WorkItemKind.MESSAGE, row),
        requires_message=requires_message,
        reasons=reasons,
        approvals=[] if requires_message or obstacle or len(approvals) > MAX_QUICK else approvals,
        is_supervisor=may(actor, Action.SUPERVISE_REQUESTS),
        visit_time=await desk.visit_time(tx, row),
        asks_other_day=isinstance(problem, VisitOnAnotherDay),
        is_excluded=is_excluded,
        staff_id=actor.staff_id,
        decided_by_me=row.decided_by == actor.staff_id,
        obstacle=obstacle,
        asked_by_relative=is_asked_by_relative(row.answers),
        answers=await readable(tx, service, row.answers),
        services=load_services(),
        earlier=earlier,
        # What was decided is given once; while it is open, the next message doesn't reach them either.
        is_unreached=is_unreached and (row.kind != "final" or notices.open > 0 or notices.last_given_at is None),
        given_at=notices.last_given_at if is_unreached and row.kind == "final" else None,
        also_open=[one for one in earlier if one.service == row.service and one.is_open],
        asked_kinds={needed.kind for needed in view.required_documents},
        rejections=REASONS,
        colleagues=await people.colleagues_of(tx, actor, row, item.role)
        if item is not None and may(actor, Action.SUPERVISE_REQUESTS)
        else [],
        units=await search_units(tx, searched, limit=MAX_UNITS) if searched else None,
        zone=zone,
        history=entries(events, zone),
        first=await first_decision(tx, row, view, events),
        typed={"ask": asks_again} | dict(form.values if form else {}),
        has_unsent_words=form is not None and has_words(form, asks_again),
        ticked=form.getlist("reasons") if form else [],
        asked=form.getlist("documents") if form else [one.kind for one in view.documents if one.state == "rejected"],
        asked_fields=form.getlist("fields") if form else [],
        shown=case_shown(row, view, item),
        queue=queue.query(),
        case_address=lambda folio: case_address(folio, queue),
        back=queue.address(),
    )


def asking_again(service: Service, documents: Sequence[RequestDocumentOut]) -> str:
    """Return what to request again: each rejected document, with its reason."""
    names = {needed.kind: str(needed.name) for needed in service.documents}
    return "\n".join(f"{names.get(one.kind, one.kind)}: {one.reason}" for one in documents if one.state == "rejected")


def case_shown(row: RequestRow, view: RequestDetailOut, work: Work | None) -> list[object]:
    """What staff see of a request before they act: its version, who has it, its documents, messages and changes."""
    holder = work.holder_id if work and not work.has_lapsed else None
    documents = [[one.id, one.state] for one in view.documents]
    changes = [[one.field, one.before, one.after] for one in view.changes]
    messages_shown = [[one.kind, one.created_at] for one in view.messages]
    return [row.folio, row.version, holder, documents, messages_shown, changes]


async def holds_case(tx: AsyncSession, actor: Staff, folio: str, form: EffectForm, *more: object) -> bool:
    """Whether the request, locked, is as the page showed it."""
    row = await own.own_request(tx, actor, folio, lock=True)
    return form.holds(case_shown(row, await detail(tx, actor, row), await people.work_of(tx, row)), *more)


def has_words(form: SubmittedForm, asks_again: str) -> bool:
    """Whether something was typed or ticked that another button of the page would send."""
    texts = [form.get("message"), form.get("body"), form.get("action"), form.get("reasons"), form.get(SEARCH)]
    reasons_typed = [value for name, value in form.values.items() if name.startswith(("reason-", "because-"))]
    return any(texts + reasons_typed) or form.get("ask") not in {"", " ".join(asks_again.split()), asks_again.strip()}


async def do(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    folio: str,
    form: EffectForm,
    change: Change,
    done_as: str,
    *spent: str,
) -> Response:
    """Do it and show the request again, with what was done (`said`, a name of `feedback.DONE`). Its page is one form:
    what was typed for another of its buttons stays (`spent` are the fields that this one used); so does everything
    after a refusal."""
    queue = view_of(form)
    if not await holds_case(tx, actor, folio, form) or form.errors:
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form)
    before = (await own.own_request(tx, actor, folio)).version
    try:
        async with savepoint(tx):
            await change()
    except Problem as problem:
        if problem.status == 404:
            raise
        form.errors.extend(problem.fields)
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form, problem=problem)
    rest = form.rest(QUEUE_FIELD, *spent)
    row = await own.own_request(tx, actor, folio)
    service = await service_version(tx, row.service, row.service_version)
    if not has_words(rest, asking_again(service, (await detail(tx, actor, row)).documents)):
        address = done(case_address(folio, queue), done_as, folio, row.version)
        # What leaves the version as it is may be undone or replaced unseen: another tab that sends the same does it.
        return redirect(request, browser, address) if row.version == before else finish(request, browser, form, address)
    form.has_acted = True
    await announce(request, tx, actor, done_as, folio)
    return await show_case(request, browser, actor, tx, folio, queue=queue, form=rest)


@router.post("/pedir")
async def asked(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """«We need this from you»: the clock stands still."""
    body = form.required("ask", N_("Escriba qué necesita y por qué."))
    kinds, fields = form.getlist("documents"), form.getlist("fields")
    change = lambda: messages.ask(tx, actor, folio, body, kinds=kinds, fields=fields)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "pedida", "ask", "documents", "fields")


@router.post("/mensaje")
async def message_sent(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """To the citizen, or a note for staff."""
    body = form.required("body", N_("Escriba su mensaje."))
    is_note = form.get("note") == "yes"
    change = lambda: messages.post_message(tx, actor, folio, body, is_note=is_note)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "nota" if is_note else "mensaje", "body", "note")


@router.post("/leido")
async def message_read(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The citizen's message was read and needs no answer."""
    change = lambda: messages.resolve_message(tx, actor, folio)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "leida")


@router.post("/vino")
async def attended(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The citizen came to the window. When today isn't the visit's day, the page asks first; what is confirmed is the
    day that it showed."""
    row = await own.own_request(tx, actor, folio)
    booked = await desk.visit_time(tx, row)
    is_confirmed = booked is not None and form.get("other_day") == booked.on_date.isoformat()
    change = lambda: desk.attend(tx, actor, folio, other_day=is_confirmed)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "vino", "other_day")


@router.post("/deshacer")
async def undone(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The registry says again what it said before the approval; who approved has the request again."""
    change = lambda: undo.undo_approval(tx, actor, folio)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "deshecha")
