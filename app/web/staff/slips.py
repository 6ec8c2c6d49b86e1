"""What reception prints: the slip of a number, and where an appointment is, for who came to another unit. Both fit a
roll of 80 mm and a sheet of A6. They carry no name: what is dropped or left behind says whose it is to no one."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Path, Request, Response
from markupsafe import Markup

from app.appointments.queries.own import own_appointment
from app.desk.queries import people
from app.desk.queries.tickets import ticket_view
from app.desk.queries.turns import turn_by_code
from app.desk.rules.forecast import Forecast
from app.desk.rules.tickets import OPEN, TicketStatus
from app.desk.rules.visits import CAN_CHECK_IN
from app.desk.service.forecasts import forecast_of
from app.kernel.actor import System
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.problems import NotFound
from app.kernel.settings import get_settings
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.folios import Folio
from app.web.rendering import prefix_of, safe_svg, show
from app.web.staff.desk_labels import TICKET_STATES
from app.web.staff.header import HEADER, VERSION_FIELD, announce_words, last_button
from app.web.staff.list_query import leave_out_all
from app.web.staff.reception_unit import PAGE, PERSON, own_slip
from app.web.staff.unit_choice import FIELD, choose_page, desk_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.desk.queries.tickets import TicketView

router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])

SAID = {
    "identificado": N_("El turno ya tiene a su persona. Conserva su número y su lugar."),
    "identificado-y-pasa-antes": N_("El turno ya tiene a su persona. Conserva su número y pasa antes, por su edad."),
    "identificado-con-cita": N_("El turno ya tiene a su persona. Conserva su número; su lugar es ahora el de su cita."),
    "corregido-con-cita": N_(
        "Se corrigió de quién es el turno. Conserva su número; su lugar es ahora el de la cita de su persona."
    ),
    "corregido": N_("Se corrigió de quién es el turno. Conserva su número."),
}
"""What the button that led to a slip did: said while that is the ticket's latest change."""
MAP = "https://www.openstreetmap.org/?mlat={}&mlon={}#map=17/{}/{}"


@router.get("/turno/{ticket_id}")
async def slip_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, ticket_id: Annotated[UUID, Path()]
) -> Response:
    """The slip of a number, and its place in line now."""
    leave_out_all(request)
    slip = await own_slip(tx, actor, ticket_id)
    unit_id = slip.unit_id
    ticket = await ticket_view(tx, actor, unit_id, ticket_id)
    _say_what_was_done(request, ticket)
    address, forecast = await _turn(request, tx, slip.code)
    person, others = None, []
    if ticket.person_id is not None:
        person = await people.person_at_desk(tx, actor, unit_id, ticket.person_id)
        record_views(actor, ViewContext.DESK, {person.id: person.unit_id})
        visits = await people.visits_of(tx, unit_id, person)
        others = [one for one in visits if one.folio != ticket.appointment_folio and one.at_desk in CAN_CHECK_IN]
    return show(
        request,
        browser,
        "staff/slip.html",
        others=others if ticket.status in OPEN else [],
        shows_service=person is not None and person.is_ours,
        is_corrigible=person is not None and ticket.status in OPEN,
        ticket=ticket,
        unit=await unit_by_id(tx, unit_id),
        is_waiting=ticket.status == TicketStatus.WAITING,
        is_nameless=ticket.person_id is None and ticket.status in OPEN,
        ticket_states=TICKET_STATES,
        turn_address=address,
        qr=qr_of(address) if address else None,
        forecast=forecast,
        person_address=f"{PERSON}{ticket.person_id}" if ticket.person_id else "",
        back=PAGE,
    )


def _say_what_was_done(request: Request, ticket: TicketView) -> None:
    words = SAID.get(last_button(request))
    if words is not None and request.query_params.get(VERSION_FIELD) == str(ticket.version):
        announce_words(request, gettext(words))


async def _turn(request: Request, tx: AsyncSession, code: str) -> tuple[str, Forecast | None]:
    """The address of the turn's own page, and how long it waits; none on another day than its own."""
    try:
        turn = await turn_by_code(tx, code)
    except NotFound:
        return "", None
    address = f"{get_settings().base_url.rstrip('/')}{prefix_of(request)}/turno/{code}"
    return address, await forecast_of(tx, turn.waiting) if turn.waiting is not None else None


@router.get("/indicaciones/{folio:folio}")
async def directions_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, folio: Folio
) -> Response:
    """Where an appointment is, when, and how far from here: for who came to the wrong unit."""
    choice = await desk_choice(tx, browser, actor, request.query_params.get(FIELD))
    if choice.unit is None:
        return choose_page(request, browser, choice, f"{PAGE}/indicaciones/{folio}", PAGE)
    unit_id = choice.unit.id
    own = await own_appointment(tx, System("reception"), folio)
    person = await people.person_at_desk(tx, actor, unit_id, own.person_id)
    record_views(actor, ViewContext.DESK, {person.id: person.unit_id})
    visit = next(one for one in await people.visits_of(tx, unit_id, person, own.folio) if one.folio == own.folio)
    place = [visit.latitude, visit.longitude]
    return show(
        request,
        browser,
        "staff/directions.html",
        visit=visit,
        unit=await unit_by_id(tx, unit_id),
        qr=qr_of(MAP.format(*place, *place)) if None not in place else None,
        person_address=f"{PERSON}{person.id}?folio={own.folio}",
        back=PAGE,
    )


def qr_of(address: str) -> Markup:
    """An address as a QR code: an SVG, black on white, with its quiet zone."""
    out = io.BytesIO()
    drawn = {"border": 4, "light": "#fff", "xmldecl": False, "svgns": False, "omitsize": True}
    segno.make(address, error="m", micro=False).save(out, kind="svg", svgclass=None, lineclass=None, **drawn)
    return safe_svg(out.getvalue().decode())
