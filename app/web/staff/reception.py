"""Reception: one box for whatever a person shows or says, who waits in each queue, and a number for who is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.certificates.queries import holder_of
from app.desk.queries import people
from app.desk.queries.people import FoundPerson
from app.desk.queries.reception import find_slip, reception_day
from app.desk.queries.tickets import ticket_of_number
from app.desk.rules.scans import folio_in, turn_code_in
from app.desk.rules.tickets import parse_number, printed_number
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.problems import Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.identifiers import issue_in
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import EffectForm
from app.web.forms import WholeForm
from app.web.rendering import redirect, show
from app.web.staff import walk_ins
from app.web.staff.header import HEADER
from app.web.staff.list_query import ListQuery, leave_out_all
from app.web.staff.reception_unit import PAGE, PERSON, SLIP, UNIT, desk_unit
from app.web.staff.search import LONGEST, store_search, stored_search
from app.web.staff.unit_choice import FIELD, choose_page, desk_choice, unit_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])

KIND = "desk_searches"


@router.get("")
async def reception_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The box and today's queues; with the number of a stored search, whom it finds now. The address has no names."""
    require(actor, Action.ATTEND_PEOPLE)
    asked = ListQuery(request)
    asked.parsed(FIELD, str)
    b = asked.parsed("b", str)
    asked.done()
    if FIELD in request.query_params:
        return await _chosen(request, browser, actor, tx, request.query_params[FIELD])
    choice = await desk_choice(tx, browser, actor)
    if choice.unit is None:
        return choose_page(request, browser, choice, PAGE)
    unit_id = choice.unit.id
    q = stored_search(browser, KIND, b) if b else None
    if q is None:
        return await show_reception(request, browser, actor, tx, unit_id, is_expired=bool(b))
    number = parse_number(q)
    if number is not None:
        return await show_reception(request, browser, actor, tx, unit_id, q=q, no_ticket=printed_number(*number))
    found, problem = [], None
    try:
        async with savepoint(tx):
            found = await _find(tx, actor, unit_id, q)
    except Problem as refused:
        problem = refused
    return await show_reception(request, browser, actor, tx, unit_id, q=q, found=found, problem=problem)


async def _chosen(request: Request, browser: BrowserSession, actor: Staff, tx: AsyncSession, chosen: str) -> Response:
    """The unit whose reception the following pages are, or those to choose from."""
    choice = await desk_choice(tx, browser, actor, chosen)
    return choose_page(request, browser, choice, PAGE) if choice.unit is None else redirect(request, browser, PAGE)


async def show_reception(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    unit_id: UUID,
    *,
    q: str = "",
    found: list[FoundPerson] | None = None,
    problem: Problem | None = None,
    is_expired: bool = False,
    no_ticket: str = "",
    form: EffectForm | None = None,
) -> Response:
    """The page, with whom a search found, or with a form that had no effect. `no_ticket`: a number that was searched
    and isn't one of today's."""
    record_views(actor, ViewContext.SEARCH, {one.id: one.unit_id for one in found or ()})
    return show(
        request,
        browser,
        "staff/reception.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        unit=await unit_by_id(tx, unit_id),
        may_choose=actor.unit_ids is None or len(actor.unit_ids) > 1,
        q=q,
        found=found,
        issue=issue_in(q) if found == [] else None,
        most=people.MAX_FOUND,
        is_expired=is_expired,
        no_ticket=no_ticket,
        day=await reception_day(tx, actor, unit_id),
        back="/ventanilla",
        **await walk_ins.form_context(tx, unit_id, form=form),
    )


@router.post("")
async def searched(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: WholeForm) -> Response:
    """Whom the box means: the one person's page, or the list of them; of a slip, the slip. Sent as a form, and stored:
    no personal data in an address, which histories and logs store."""
    require(actor, Action.ATTEND_PEOPLE)
    unit_id = desk_unit(browser, actor, form.get("unidad"))
    q = form.get("q")[:LONGEST].replace("\x00", "")
    if unit_id is None or not q:
        return redirect(request, browser, PAGE)
    browser.remember(**{UNIT: str(unit_id)})
    code = turn_code_in(q)
    slip = await find_slip(tx, [unit_id], code=code) if code is not None else None
    if slip is not None:
        return redirect(request, browser, f"{SLIP}{slip.ticket_id}")
    number = parse_number(q)
    numbered = await ticket_of_number(tx, actor, unit_id, *number) if number is not None else None
    if numbered is not None:
        return redirect(request, browser, f"{SLIP}{numbered}")
    try:
        async with savepoint(tx):
            found = await _find(tx, actor, unit_id, q) if number is None else []
    except Problem:
        found = []
    if len(found) == 1:
        folio = folio_in(q)
        query = f"?{urlencode({'folio': folio})}" if folio else ""
        return redirect(request, browser, f"{PERSON}{found[0].id}{query}")
    return redirect(request, browser, f"{PAGE}?{urlencode({'b': store_search(browser, KIND, q)})}")


async def _find(tx: AsyncSession, actor: Staff, unit_id: UUID, q: str) -> list[FoundPerson]:
    """Whom the desk finds; of a certificate's QR code, its person."""
    found = await people.find_people(tx, actor, unit_id, q)
    folio = folio_in(q)
    if found or folio is None:
        return found
    holder = await holder_of(tx, folio)
    return [await people.person_at_desk(tx, actor, unit_id, holder)] if holder is not None else []


@router.get("/unidad")
async def units_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Which unit's reception it is, for staff of several units, or of all."""
    leave_out_all(request)
    choice = await unit_choice(tx, actor, Action.ATTEND_PEOPLE)
    return redirect(request, browser, PAGE) if choice.unit is not None else choose_page(request, browser, choice, PAGE)
