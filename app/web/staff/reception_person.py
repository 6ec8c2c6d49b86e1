"""A person at reception: their visits of today and what can be done, and the forms that check them in or give them a
number. Of people of other units it shows the name, the unit and where today's appointment is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.appointments.queries.own import presented_appointment
from app.catalog.loader import load_services
from app.desk.queries import people
from app.desk.queries.people import FoundPerson, Visit
from app.desk.rules.tickets import OPEN
from app.desk.service import arrivals
from app.desk.service.check_in import check_in
from app.identity.permissions import Action, may, require
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext, ngettext
from app.kernel.problems import NotFound, Problem
from app.notifications import reliability
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import rights_of
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, show, start_again
from app.web.staff import walk_ins
from app.web.staff.desk_labels import ADVICE, TICKET_STATES
from app.web.staff.header import HEADER
from app.web.staff.reception import show_reception
from app.web.staff.reception_unit import CHOOSE, PAGE, PERSON, SLIP, desk_unit
from app.web.staff.unit_choice import FIELD, choose_page, desk_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])

MANY_HOURS = 2
"""From how many hours on they are said instead of minutes."""
PersonId = Annotated[UUID, Path()]


@router.get("/personas/{person_id}")
async def person_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, person_id: PersonId
) -> Response:
    """Who came; with the folio that they showed."""
    folio = request.query_params.get("folio", "")
    choice = await desk_choice(tx, browser, actor, request.query_params.get(FIELD))
    if choice.unit is None:
        return choose_page(request, browser, choice, f"{PERSON}{person_id}", PAGE)
    unit_id = choice.unit.id
    person = await people.person_at_desk(tx, actor, unit_id, person_id)
    return await show_person(request, browser, actor, tx, unit_id, person, folio)


async def show_person(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    unit_id: UUID,
    person: FoundPerson,
    folio: str = "",
    *,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    """The person's page, as it is now."""
    unit = await unit_by_id(tx, unit_id)
    requests = await people.open_requests_of(tx, person)
    tickets = await people.tickets_of(tx, unit_id, person.id)
    record_views(actor, ViewContext.DESK, {person.id: person.unit_id})
    return show(
        request,
        browser,
        "staff/reception_person.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        person=person,
        unit=unit,
        visits=await people.visits_of(tx, unit_id, person, folio),
        shown_folio=folio,
        sent=form.values if form is not None else {},
        visit_shown=lambda visit: visit_facts(unit_id, visit),
        punctuality=punctuality,
        advice=ADVICE,
        rights=await rights_of(tx, person.id, clock.today(unit.timezone)) if person.is_ours else None,
        failing=await reliability.unreliable_contacts(tx, person.id) if person.is_ours else [],
        requests=requests,
        services=load_services(),
        tickets=tickets,
        open_states=OPEN,
        ticket_states=TICKET_STATES,
        may_open=may(actor, Action.WORK_REQUESTS),
        back=PAGE,
        **await walk_ins.form_context(tx, unit_id, person=person, requests=requests, tickets=tickets, form=form),
    )


def visit_facts(unit_id: UUID, visit: Visit) -> list[object]:
    """An appointment as its button shows it."""
    return [unit_id, visit.folio, visit.status, visit.version, visit.affected, visit.ticket_id]


def punctuality(visit: Visit) -> str:
    """How early or late a person is for an appointment of today, in words."""
    late = clock.now() - visit.start_at
    hours, minutes = abs(late) // timedelta(hours=1), abs(late) // timedelta(minutes=1)
    if minutes == 0:
        return gettext(N_("Llega a su hora."))
    if late < timedelta():
        if hours >= MANY_HOURS:
            return ngettext("Llega %(count)s hora antes.", "Llega %(count)s horas antes.", hours) % {"count": hours}
        return ngettext("Llega %(count)s minuto antes.", "Llega %(count)s minutos antes.", minutes) % {"count": minutes}
    if hours >= MANY_HOURS:
        return ngettext("Llega %(count)s hora tarde.", "Llega %(count)s horas tarde.", hours) % {"count": hours}
    return ngettext("Llega %(count)s minuto tarde.", "Llega %(count)s minutos tarde.", minutes) % {"count": minutes}


@router.post("/llegadas")
async def checked_in(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Check in for an appointment, early or late; the slip says the number."""
    require(actor, Action.ATTEND_PEOPLE)
    unit_id = desk_unit(browser, actor, form.get("unidad"))
    if unit_id is None:
        return start_again(request, browser, form, CHOOSE)
    own = await presented_appointment(tx, form.get("folio"))
    person = await people.person_at_desk(tx, actor, unit_id, own.person_id)
    visits = await people.visits_of(tx, unit_id, person, own.folio)
    visit = next(one for one in visits if one.folio == own.folio)
    problem = None
    if form.holds(visit_facts(unit_id, visit)):
        try:
            async with savepoint(tx):
                ticket = await check_in(tx, actor, unit_id, own.folio, is_protected=bool(form.get("protegida")))
            return finish(request, browser, form, f"{SLIP}{ticket.id}")
        except Problem as refusal:
            form.failure = problem = refusal
    return await show_person(request, browser, actor, tx, unit_id, person, own.folio, form=form, problem=problem)


@router.post("/turnos")
async def number_given(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """A number without an appointment: for a person, for a request of theirs, or for someone unknown."""
    require(actor, Action.ATTEND_PEOPLE)
    unit_id = desk_unit(browser, actor, form.get("unidad"))
    if unit_id is None:
        return start_again(request, browser, form, CHOOSE)
    person = await _person_of(tx, actor, unit_id, form)
    requests = await people.open_requests_of(tx, person) if person else []
    tickets = await people.tickets_of(tx, unit_id, person.id) if person else []
    offered = await walk_ins.choices(tx, unit_id, requests)
    holds = form.holds(walk_ins.walk_in_facts(unit_id, person, tickets))
    chosen = form.one_of("para", offered, walk_ins.CHOOSE_ONE)
    problem = None
    if holds and chosen:
        folio = chosen.removeprefix(walk_ins.FOR_REQUEST) if chosen.startswith(walk_ins.FOR_REQUEST) else None
        try:
            async with savepoint(tx):
                ticket = await arrivals.take_number(
                    tx,
                    actor,
                    unit_id,
                    walk_ins.WINDOW if folio else chosen,
                    person_id=person.id if person else None,
                    request_folio=folio,
                    is_protected=bool(form.get("protegida")),
                )
            return finish(request, browser, form, f"{SLIP}{ticket.id}")
        except Problem as refusal:
            form.failure = problem = refusal
    if person is not None:
        return await show_person(request, browser, actor, tx, unit_id, person, form=form, problem=problem)
    return await show_reception(request, browser, actor, tx, unit_id, form=form, problem=problem)


async def _person_of(tx: AsyncSession, actor: Staff, unit_id: UUID, form: EffectForm) -> FoundPerson | None:
    """Whose number it is, when the form was on their page.

    Raises:
        NotFound: no such person.
    """
    given = form.get("persona")
    if not given:
        return None
    try:
        return await people.person_at_desk(tx, actor, unit_id, UUID(given))
    except ValueError as error:
        raise NotFound from error
