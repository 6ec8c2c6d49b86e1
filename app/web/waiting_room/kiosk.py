"""The kiosk of a unit: check in for an appointment, or take a number. Its browser is signed in as a device, once; no
page of it shows whose ticket it is, and each leads back to the start when no one touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.desk.problems import (
    AlreadyWaiting,
    AppointmentClosed,
    AppointmentElsewhere,
    AppointmentNotOpen,
    AppointmentOnAnotherDay,
    NoAppointmentHere,
)
from app.desk.queries.kiosk import KioskTicket, kiosk_services, kiosk_ticket, kiosk_ticket_of_number
from app.desk.queries.turns import TurnView, turn_by_code
from app.desk.service.forecasts import forecast_of
from app.desk.service.kiosk import check_in_at_kiosk, take_number_at_kiosk
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem, TooManyRequests
from app.kernel.settings import get_settings
from app.places.queries import unit_by_id
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, KioskWeb
from app.web.citizen.appointment import qr_of
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.kernel.actor import UnitDevice

HOME = "/ventanilla/quiosco"
IDLE_SECONDS = 30
LONGEST = 40
NOTHING_TYPED = N_("Escriba el folio de su cita, su CURP o su número de seguridad social.")
REFUSALS = (
    NoAppointmentHere,
    AppointmentElsewhere,
    AppointmentOnAnotherDay,
    AppointmentNotOpen,
    AppointmentClosed,
    TooManyRequests,
)

router = APIRouter(prefix=HOME)


async def _show(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    device: UnitDevice,
    page: str,
    form: EffectForm | None = None,
    problem: Problem | None = None,
    services: list[str] | None = None,
) -> Response:
    return show(
        request,
        browser,
        f"waiting_room/{page}.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        unit=await unit_by_id(tx, device.unit_id),
        services=services or [],
        home=HOME,
        idle_seconds=IDLE_SECONDS,
        longest=LONGEST,
    )


@router.get("")
async def start_page(request: Request, browser: BrowserSessionWeb, device: KioskWeb, tx: Tx) -> Response:
    """Two choices, and a field for the scanner."""
    return await _show(request, browser, tx, device, "kiosk")


@router.get("/cita")
async def appointment_page(request: Request, browser: BrowserSessionWeb, device: KioskWeb, tx: Tx) -> Response:
    """A field and keys on the screen."""
    return await _show(request, browser, tx, device, "kiosk_appointment")


@router.post("/cita")
async def check_in(
    request: Request, browser: BrowserSessionWeb, device: KioskWeb, caller: AnonymousWeb, tx: Tx, form: Effect
) -> Response:
    """By folio, CURP or number. What was typed is not shown again. Who has a number already is shown that one, to
    print it again."""
    typed = form.required("typed", NOTHING_TYPED)[:LONGEST]
    if not form.holds([]) or form.errors:
        return await _show(request, browser, tx, device, "kiosk_appointment", form)
    try:
        async with savepoint(tx):
            made = await check_in_at_kiosk(tx, device, caller, typed)
    except AlreadyWaiting as problem:
        ticket_id = await kiosk_ticket_of_number(tx, device, str(problem.values["number"]))
        return finish(request, browser, form, f"{HOME}/turno/{ticket_id}")
    except REFUSALS as problem:
        return await _show(request, browser, tx, device, "kiosk_appointment", form, problem)
    return finish(request, browser, form, f"{HOME}/turno/{made.id}")


@router.get("/sin-cita")
async def walk_in_page(request: Request, browser: BrowserSessionWeb, device: KioskWeb, tx: Tx) -> Response:
    """One button for each queue."""
    return await _show(request, browser, tx, device, "kiosk_walk_in", services=await kiosk_services(tx, device))


@router.post("/sin-cita")
async def take_number(request: Request, browser: BrowserSessionWeb, device: KioskWeb, tx: Tx, form: Effect) -> Response:
    """The button says for what, the box whether the law protects the person."""
    services = await kiosk_services(tx, device)
    service = form.one_of("service", services, N_("Elija a qué viene."))
    if not form.holds(services) or form.errors:
        return await _show(request, browser, tx, device, "kiosk_walk_in", form, services=services)
    try:
        async with savepoint(tx):
            made = await take_number_at_kiosk(tx, device, service, is_protected=form.get("protected") == "yes")
    except (NotFound, TooManyRequests) as problem:
        return await _show(request, browser, tx, device, "kiosk_walk_in", form, problem, services)
    return finish(request, browser, form, f"{HOME}/turno/{made.id}")


@router.get("/sin-conexion")
async def offline_page(request: Request, browser: BrowserSessionWeb, device: KioskWeb, tx: Tx) -> Response:
    """What the kiosk's browser stores, to show it while there is no connection."""
    return await _show(request, browser, tx, device, "kiosk_offline")


@router.get("/turno/{ticket_id}")
async def ticket_page(
    request: Request, browser: BrowserSessionWeb, device: KioskWeb, tx: Tx, ticket_id: UUID
) -> Response:
    """The number, how long the wait may be, and a slip to print with the way to the turn's own page."""
    ticket = await kiosk_ticket(tx, device, ticket_id)
    turn = await _turn_of(tx, ticket)
    return show(
        request,
        browser,
        "waiting_room/kiosk_ticket.html",
        ticket=ticket,
        forecast=await forecast_of(tx, turn.waiting) if turn is not None and turn.waiting is not None else None,
        qr=qr_of(f"{get_settings().base_url}/turno/{ticket.code}") if turn is not None else None,
        unit=await unit_by_id(tx, device.unit_id),
        home=HOME,
        idle_seconds=IDLE_SECONDS,
    )


async def _turn_of(tx: AsyncSession, ticket: KioskTicket) -> TurnView | None:
    """The turn that a ticket's code opens, on its day."""
    try:
        return await turn_by_code(tx, ticket.code or "")
    except NotFound:
        return None
