"""At reception: a ticket that was given to the wrong person. It is given to the right one, who is found as at the box,
or left without any; with what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.desk.queries import people
from app.desk.queries.people import FoundPerson
from app.desk.queries.tickets import TicketView
from app.desk.queries.visits import visit_to_take
from app.desk.rules.tickets import OPEN, CorrectedBecause
from app.desk.service.identification import correct
from app.desk.service.tickets import TicketRef
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.forms import WholeForm
from app.web.rendering import already_done, finish, redirect, show
from app.web.staff.header import HEADER, done
from app.web.staff.person_search import search_of, where_it_leads
from app.web.staff.reception_unit import SLIP, own_ticket

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=f"{SLIP}{{ticket_id}}/correccion", dependencies=[RECORDS_VIEWS, HEADER])
TicketId = Annotated[UUID, Path()]
REASONS: dict[str, str] = {
    CorrectedBecause.WRONG_CHOICE.value: N_("Se eligió a otra persona por error"),
    CorrectedBecause.SLIP_OF_ANOTHER.value: N_("El turno lo trae otra persona"),
    CorrectedBecause.UNSURE.value: N_("No se pudo confirmar quién es"),
}
CHOOSE_ONE = N_("Diga qué pasó.")


def page_of(ticket_id: UUID) -> str:
    """Where the person of a ticket is corrected."""
    return f"{SLIP}{ticket_id}/correccion"


def facts_of(ticket: TicketView, person: FoundPerson | None) -> list[object]:
    """Whose the ticket is and whose it becomes, as the button shows it."""
    return [ticket.unit_id, ticket.id, ticket.person_id, ticket.appointment_folio, person.id if person else None]


@router.get("")
async def correction_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, ticket_id: TicketId
) -> Response:
    """Whose the ticket is, the box for the right person, and the button that leaves it without any."""
    ticket = await own_ticket(tx, actor, ticket_id)
    search = await search_of(request, browser, tx, actor, ticket.unit_id)
    record_views(actor, ViewContext.SEARCH, {one.id: one.unit_id for one in search.found or ()})
    return await _page(request, browser, actor, tx, ticket, q=search.q, found=search.found, problem=search.problem)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    ticket: TicketView,
    *,
    person: FoundPerson | None = None,
    form: EffectForm | None = None,
    problem: Problem | None = None,
    **more: Any,
) -> Response:
    seen = {person.id: person.unit_id} if person else {}
    record_views(actor, ViewContext.DESK, seen | ({ticket.person_id: ticket.unit_id} if ticket.person_id else {}))
    here = page_of(ticket.id)
    return show(
        request,
        browser,
        "staff/ticket_correction.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        unit=await unit_by_id(tx, ticket.unit_id),
        ticket=ticket,
        is_open=ticket.status in OPEN,
        here=here,
        most=people.MAX_FOUND,
        person=person,
        visit=await visit_to_take(tx, ticket.unit_id, ticket.service, person.id, ticket.arrived_at) if person else None,
        shown=facts_of(ticket, person),
        reasons=REASONS,
        typed=form.values if form else {},
        field_labels={"porque": N_("Qué pasó")},
        back=here if person else f"{SLIP}{ticket.id}",
        **({"q": "", "found": None} | more),
    )


@router.post("")
async def searched(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: WholeForm, ticket_id: TicketId
) -> Response:
    """Whom the box means: the one person, to confirm, or the list of them."""
    ticket = await own_ticket(tx, actor, ticket_id)
    leads_to = await where_it_leads(browser, tx, actor, ticket.unit_id, form, page_of(ticket.id))
    return redirect(request, browser, leads_to)


@router.post("/nadie")
async def taken_back(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, ticket_id: TicketId
) -> Response:
    """The ticket is of someone unknown again."""
    ticket = await own_ticket(tx, actor, ticket_id)
    return await _corrected(request, browser, actor, tx, form, ticket, None)


@router.get("/{person_id}")
async def confirm_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, ticket_id: TicketId, person_id: UUID
) -> Response:
    """Who it would be instead, to compare with who stands there."""
    ticket = await own_ticket(tx, actor, ticket_id)
    person = await people.person_at_desk(tx, actor, ticket.unit_id, person_id)
    return await _page(request, browser, actor, tx, ticket, person=person)


@router.post("/{person_id}")
async def replaced(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    ticket_id: TicketId,
    person_id: UUID,
) -> Response:
    """The ticket is of that person."""
    ticket = await own_ticket(tx, actor, ticket_id)
    person = await people.person_at_desk(tx, actor, ticket.unit_id, person_id)
    return await _corrected(request, browser, actor, tx, form, ticket, person)


async def _corrected(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    form: EffectForm,
    ticket: TicketView,
    person: FoundPerson | None,
) -> Response:
    problem = None
    holds = form.holds(facts_of(ticket, person))
    because = form.one_of("porque", REASONS, CHOOSE_ONE)
    if holds and person is not None and ticket.person_id == person.id:
        return already_done(request, browser, f"{SLIP}{ticket.id}")
    if holds and because:
        try:
            async with savepoint(tx):
                made = await correct(
                    tx,
                    actor,
                    TicketRef(ticket.unit_id, ticket.id),
                    person.id if person else None,
                    CorrectedBecause(because),
                    is_protected=bool(form.get("protegida")),
                )
            said = "corregido-con-cita" if made.appointment_folio else "corregido"
            return finish(request, browser, form, done(f"{SLIP}{ticket.id}", said, version=made.version))
        except Problem as refusal:
            form.failure = problem = refusal
    return await _page(request, browser, actor, tx, ticket, person=person, form=form, problem=problem)
