"""The officers' queue: filters, order, pages; take the next one of what the filters show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.catalog.loader import load_services
from app.identity.permissions import Action, may, require
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.http.sse import StateMessage
from app.kernel.idempotency import KEY_FIELD
from app.kernel.paging import decode_cursor
from app.kernel.problems import Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.api.lists import cursor_of, place_after
from app.requests.queries import people, queue
from app.requests.queries.live import queue_version
from app.requests.queries.queue import Waiting
from app.requests.service import claims
from app.requests.service.claims import Claimed
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm, owner_of, shown_mark
from app.web.rendering import redirect, show
from app.web.staff import queue_filters
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import PAGE_LABEL, ListQuery, clocks_of
from app.web.staff.queue_filters import QueueView, view_asked

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla", dependencies=[RECORDS_VIEWS, HEADER])

SHOWN = 25
QUEUE_FIELD = "cola"
"""In a form and in an address of a request: the query of the list that it was opened from."""


@router.get("/cola")
async def queue_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Every filter is in the address, so that a list can be bookmarked or shared. `desde` and `antes`: the place after
    or before which this page is."""
    require(actor, Action.WORK_REQUESTS)
    asked = ListQuery(request, {"desde": PAGE_LABEL})
    view, names = await view_asked(tx, actor, asked, await _names(tx, actor))
    after = asked.parsed("desde", lambda cursor: place_after(decode_cursor(cursor)))
    before = asked.parsed("antes", lambda cursor: place_after(decode_cursor(cursor)))
    asked.done()
    return await _queue(request, browser, actor, tx, view, names, after=after, before=None if after else before)


async def _names(tx: AsyncSession, actor: Staff) -> dict[str, str]:
    """The names of the units with requests that wait and of who holds some, by id."""
    found = [*await queue.waiting_by_unit(tx, actor), *await queue.held_by_colleague(tx, actor)]
    return {str(id_): name for id_, name, _count in found}


async def _queue(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    view: QueueView,
    names: Mapping[str, str] | None = None,
    *,
    after: tuple[date, datetime, UUID] | None = None,
    before: tuple[date, datetime, UUID] | None = None,
    problem: Problem | None = None,
    form: EffectForm | None = None,
) -> Response:
    chosen = view.filter()
    found = await queue.queue_of_staff(tx, actor, chosen, limit=SHOWN + 1, sort=view.sort, after=after, before=before)
    rows = found[-SHOWN:] if before else found[:SHOWN]
    is_more = len(found) > SHOWN
    record_views(actor, ViewContext.LIST, {row.person_id: row.unit_id for row in rows})
    units = await queue.waiting_by_unit(tx, actor)
    holders = await queue.held_by_colleague(tx, actor)
    names = names or {str(id_): name for id_, name, _count in [*units, *holders]}
    return show(
        request,
        browser,
        "staff/queue.html",
        status=problem.status if problem else 200,
        problem=problem,
        errors=form.errors if form else None,
        anchors={"folio": "lista"},
        ticked=form.getlist("folio") if form else [],
        staff_chosen=form.get("staff_id") if form else "",
        row_mark=lambda row: shown_mark(owner_of(browser), [row.folio, _holder(row)]),
        shown=[],
        rows=rows,
        total=await queue.queue_total(tx, actor, chosen),
        counts=await queue.counts(tx, actor),
        live=StateMessage.of_version(await queue_version(tx, actor)).id,
        news_query=view.query(),
        is_first_page=after is None and before is None,
        by_service=await queue.waiting_by_service(tx, actor),
        units=units,
        holders=holders,
        services=load_services(),
        view=view,
        offers_next=await _offers_next(tx, actor, view, rows),
        chosen=view.chosen(names),
        names=names,
        choices=queue_filters,
        case_address=case_address,
        clocks=clocks_of(actor, (row.timezone for row in rows if row.held_since)),
        now=clock.now(),
        staff=actor,
        colleagues=await people.colleagues_at(tx, actor) if may(actor, Action.SUPERVISE_REQUESTS) else [],
        previous_page=_page(view, "antes", rows[:1], has=is_more if before else after is not None),
        next_page=_page(view, "desde", rows[-1:], has=bool(before) or is_more),
        back="/ventanilla",
    )


async def _offers_next(tx: AsyncSession, actor: Staff, view: QueueView, rows: Sequence[Waiting]) -> bool:
    """Whether something of what the list shows is free for the actor."""
    if not view.may_take or not rows:
        return False
    if view.filter().state == "escalated":
        return any(_holder(row) is None and not row.is_excluded for row in rows)
    return await queue.queue_total(tx, actor, replace(view.filter(), state="free")) > 0


def _page(view: QueueView, name: str, edge: Sequence[Waiting], *, has: bool) -> str:
    """The query of another page of the list; empty where there is none."""
    return view.query(**{name: cursor_of(edge[0].place(view.sort))}) if has and edge else ""


def _holder(row: Waiting) -> UUID | None:
    is_held = row.holder_id is not None and (row.lease_until is None or row.lease_until > clock.now())
    return row.holder_id if is_held else None


async def queue_again(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    form: EffectForm,
    problem: Problem | None = None,
) -> Response:
    """The list as it is now, with the filters it had, what was ticked and why nothing was done."""
    return await _queue(request, browser, actor, tx, view_of(form), form=form, problem=problem)


def view_of(form: EffectForm) -> QueueView:
    """The list that a form was sent from, or that its request was opened from."""
    return QueueView.of_query(form.get(QUEUE_FIELD) or urlsplit(form.get("page")).query)


def case_address(folio: str, view: QueueView) -> str:
    """The page of a request, which knows the list that it was opened from."""
    query = view.query()
    return f"/ventanilla/solicitudes/{folio}" + (f"?{urlencode({QUEUE_FIELD: query})}" if query else "")


async def take_next(tx: AsyncSession, actor: Staff, key: str, view: QueueView) -> Claimed:
    """Take what comes first by priority of what the list shows.

    Raises:
        WrongRole. RequestOutOfScope: its unit isn't theirs. QueueEmpty: nothing of it is free.
    """
    chosen = view.filter()
    narrow = await queue.filter_params(tx, chosen) if chosen.is_narrow else None
    return await claims.claim_next(tx, actor, key, unit_id=chosen.unit_id, services=chosen.services, narrow=narrow)


@router.post("/cola/siguiente")
async def next_claimed(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Take what comes first of what the list shows, and open it."""
    if not form.holds([]):
        return await queue_again(request, browser, actor, tx, form)
    view = view_of(form)
    try:
        taken = await take_next(tx, actor, form.get(KEY_FIELD), view)
    except Problem as problem:
        return await _queue(request, browser, actor, tx, view, problem=problem)
    return redirect(request, browser, done(case_address(taken.folio, view), "tomada", taken.folio))
