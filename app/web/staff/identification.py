"""At reception: whose ticket it is, of a number that was given to someone unknown. The person is found as at the box of
reception, and confirmed; the ticket keeps its number and its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.desk.queries import people
from app.desk.queries.people import FoundPerson
from app.desk.queries.tickets import TicketView
from app.desk.queries.visits import visit_to_take
from app.desk.rules.tickets import OPEN
from app.desk.service.identification import identify
from app.desk.service.tickets import TicketRef
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.problems import Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect
from app.web.forms import WholeForm
from app.web.rendering import finish, redirect, show
from app.web.staff.header import HEADER, done
from app.web.staff.person_search import search_of, where_it_leads
from app.web.staff.reception_unit import SLIP, own_ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.desk.models import DeskTicket

router = APIRouter(prefix=f"{SLIP}{{ticket_id}}/persona", dependencies=[RECORDS_VIEWS, HEADER])
TicketId = Annotated[UUID, Path()]


def page_of(ticket: TicketView) -> str:
    """Where it is said whose ticket it is."""
    return f"{SLIP}{ticket.id}/persona"


@router.get("")
async def search_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, ticket_id: TicketId
) -> Response:
    """The box; with the number of a stored search, whom it finds now. The address has no names."""
    ticket = await own_ticket(tx, actor, ticket_id)
    search = await search_of(request, browser, tx, actor, ticket.unit_id)
    record_views(actor, ViewContext.SEARCH, {one.id: one.unit_id for one in search.found or ()})
    return await _page(request, browser, tx, ticket, q=search.q, found=search.found, problem=search.problem)


async def _page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    ticket: TicketView,
    *,
    q: str = "",
    found: list[FoundPerson] | None = None,
    person: FoundPerson | None = None,
    problem: Problem | None = None,
) -> Response:
    visit = await visit_to_take(tx, ticket.unit_id, ticket.service, person.id, ticket.arrived_at) if person else None
    return show(
        request,
        browser,
        "staff/identify.html",
        status=problem.status if problem else 200,
        problem=problem,
        unit=await unit_by_id(tx, ticket.unit_id),
        ticket=ticket,
        is_open=ticket.status in OPEN,
        here=page_of(ticket),
        correction=f"{SLIP}{ticket.id}/correccion",
        q=q,
        found=found,
        most=people.MAX_FOUND,
        person=person,
        visit=visit,
        shown=facts_of(ticket, person),
        back=page_of(ticket) if person else f"{SLIP}{ticket.id}",
    )


def facts_of(ticket: TicketView, person: FoundPerson | None) -> list[object]:
    """Whose ticket it becomes, as the button shows it."""
    return [ticket.unit_id, ticket.id, ticket.person_id, ticket.status in OPEN, person.id if person else None]


@router.post("")
async def searched(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: WholeForm, ticket_id: TicketId
) -> Response:
    """Whom the box means: the one person, to confirm, or the list of them."""
    ticket = await own_ticket(tx, actor, ticket_id)
    leads_to = await where_it_leads(browser, tx, actor, ticket.unit_id, form, page_of(ticket))
    return redirect(request, browser, leads_to)


@router.get("/{person_id}")
async def confirm_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, ticket_id: TicketId, person_id: UUID
) -> Response:
    """Who it would be, to compare with who stands there."""
    ticket = await own_ticket(tx, actor, ticket_id)
    return await _confirm(request, browser, actor, tx, ticket, person_id)


async def _confirm(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    ticket: TicketView,
    person_id: UUID,
    problem: Problem | None = None,
) -> Response:
    person = await people.person_at_desk(tx, actor, ticket.unit_id, person_id)
    seen = {person.id: person.unit_id} | ({ticket.person_id: ticket.unit_id} if ticket.person_id else {})
    record_views(actor, ViewContext.DESK, seen)
    return await _page(request, browser, tx, ticket, person=person, problem=problem)


@router.post("/{person_id}")
async def identified(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    ticket_id: TicketId,
    person_id: UUID,
) -> Response:
    """The ticket is theirs, at the place it had; the slip says so."""
    ticket = await own_ticket(tx, actor, ticket_id)
    person = await people.person_at_desk(tx, actor, ticket.unit_id, person_id)
    problem = None
    if form.holds(facts_of(ticket, person)):
        try:
            async with savepoint(tx):
                given = await identify(tx, actor, TicketRef(ticket.unit_id, ticket.id), person.id)
            said = _said(ticket, given)
            return finish(request, browser, form, done(f"{SLIP}{ticket.id}", said, version=given.version))
        except Problem as refusal:
            form.failure = problem = refusal
    return await _confirm(request, browser, actor, tx, ticket, person_id, problem)


def _said(before: TicketView, after: DeskTicket) -> str:
    """What the slip says was done to the ticket's place in line."""
    if after.appointment_folio:
        return "identificado-con-cita"
    return "identificado-y-pasa-antes" if after.is_protected and not before.is_protected else "identificado"
