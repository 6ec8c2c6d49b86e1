"""The counter, where one works all day: sit down, pause, leave, and call the next ticket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.appointments.service.default_schedules import SERVICE_OF_ROOM
from app.desk.problems import CounterTaken
from app.desk.queries.counters import CounterView, counters_of, my_counter
from app.desk.queries.queues import attended_services
from app.desk.queries.tickets import ticket_view
from app.desk.service import calls, counters
from app.desk.service.counters import Seat
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.db_errors import translate_errors
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, at_hour, gettext
from app.kernel.idempotency import KEY_FIELD
from app.kernel.parsing import whole_number
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_id
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.labels import hour_of, place_name
from app.web.rendering import already_done, finish, redirect
from app.web.staff.counter_view import PAGE, after_ticket, say_what_was_done, seat_facts, show_counter
from app.web.staff.header import HEADER, done

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])
MAX_SERVICES = 20
YOU_SIT = N_("Usted tiene abierto %(name)s (%(unit)s) desde %(hour)s. Para abrir otro lugar, ciérrelo antes.")
ANOTHER_SITS = N_("%(who)s atiende en %(name)s desde %(hour)s.")


@router.get("")
async def counter_page(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    unidad: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Where one sits, the ticket there and who waits; to who sits nowhere, the places of a unit. `unidad`: its CLUES,
    or words of its name."""
    require(actor, Action.ATTEND_PEOPLE)
    await say_what_was_done(request, tx, actor, await my_counter(tx, actor))
    return await show_counter(request, browser, actor, tx, asked=unidad)


@router.post("/abrir")
async def open_counter(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Sit down. Without a choice of services, those of the place."""
    require(actor, Action.ATTEND_PEOPLE)
    unit_id = form.chosen_id("unit", N_("Elija la unidad."))
    number = _counter(form)
    if not form.holds(unit_id) or form.errors or unit_id is None:
        return await show_counter(request, browser, actor, tx, form=form)
    at = Seat(unit_id, number)
    services = form.getlist("service")[:MAX_SERVICES] or await services_of(tx, actor, at)
    if not services:
        form.wrong("service", N_("Elija qué va a atender: este lugar no tiene un horario del que tomarlo."))
        return await show_counter(request, browser, actor, tx, form=form)
    mine = await my_counter(tx, actor)
    if mine is not None and (mine.unit_id, mine.counter, mine.services) == (unit_id, number, sorted(set(services))):
        return already_done(request, browser, PAGE)
    try:
        async with savepoint(tx):
            await counters.open_counter(tx, actor, at, services)
    except CounterTaken:
        taken = CounterTaken(detail=await why_taken(tx, actor, at))
        return await show_counter(request, browser, actor, tx, form=form, problem=taken)
    return redirect(request, browser, done(PAGE, "abrio"))


def _counter(form: EffectForm) -> int:
    """The number of the place; 0 when something is wrong, noted at its field."""
    text = form.required("counter", N_("Elija la ventanilla o el consultorio."))
    try:
        return whole_number(text, low=1, high=999) if text else 0
    except ValueError:
        form.wrong("counter", N_("Elija la ventanilla o el consultorio."))
        return 0


async def services_of(tx: AsyncSession, actor: Staff, at: Seat) -> list[str]:
    """What a place attends: as its schedules say, else by its kind.

    Raises:
        NotFound: no such place at the actor's units.
    """
    attended = await attended_services(tx, actor, at.unit_id)
    place = next((one for one in await counters_of(tx, actor, at.unit_id) if one.counter == at.counter), None)
    if place is None:
        raise NotFound
    usual = SERVICE_OF_ROOM.get(place.kind)
    return attended.get(at.counter) or ([usual] if usual else [])


async def why_taken(tx: AsyncSession, actor: Staff, at: Seat) -> str:
    """Who sits there, or where the actor sits already, in words."""
    mine = await my_counter(tx, actor)
    if mine is not None:
        unit = await unit_by_id(tx, mine.unit_id)
        values = {"name": place_name(mine.kind, mine.counter), "unit": unit.name, "hour": _hour(mine, unit.timezone)}
        return gettext(YOU_SIT) % values
    there = next((one for one in await counters_of(tx, actor, at.unit_id) if one.counter == at.counter), None)
    if there is None or there.staff_name is None:
        return ""
    zone = (await unit_by_id(tx, at.unit_id)).timezone
    place = place_name(there.kind, there.counter)
    return gettext(ANOTHER_SITS) % {"who": there.staff_name, "name": place, "hour": _hour(there, zone)}


def _hour(seat: CounterView, zone: str) -> str:
    return at_hour(hour_of(seat.changed_at, zone)) if seat.changed_at else ""


class SeatButton(StrEnum):
    """A button about one's place."""

    PAUSE = "pausar"
    RESUME = "reanudar"
    CLOSE = "cerrar"


SEAT_BUTTONS: Mapping[SeatButton, tuple[Callable[[Any, Staff], Awaitable[object]], str]] = {
    SeatButton.PAUSE: (counters.pause_counter, "pauso"),
    SeatButton.RESUME: (counters.resume_counter, "reanudo"),
    SeatButton.CLOSE: (counters.close_counter, "cerro"),
}


@router.post("/lugar/{button}")
async def change_seat(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, button: SeatButton
) -> Response:
    """Pause, go on, or leave."""
    require(actor, Action.ATTEND_PEOPLE)
    change, name = SEAT_BUTTONS[button]
    if not form.holds(seat_facts(await my_counter(tx, actor))):
        return await show_counter(request, browser, actor, tx, form=form)
    try:
        async with savepoint(tx):
            await change(tx, actor)
    except Problem as problem:
        form.failure = problem
        return await show_counter(request, browser, actor, tx, form=form, problem=problem)
    return finish(request, browser, form, done(PAGE, name))


@router.post("/siguiente")
async def call_next(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Call the ticket that comes first. Its key is the form's: an answer lost on the way gives the same ticket."""
    require(actor, Action.ATTEND_PEOPLE)
    seat = await my_counter(tx, actor)
    if not form.holds(seat.session_id if seat else None):
        return await show_counter(request, browser, actor, tx, form=form)
    try:
        with translate_errors():
            async with savepoint(tx):
                called = await calls.call_next(tx, actor.staff_id, form.get(KEY_FIELD))
    except Problem as problem:
        return await show_counter(request, browser, actor, tx, form=form, problem=problem)
    ticket = await ticket_view(tx, actor, called.unit_id, called.id)
    return redirect(request, browser, after_ticket(PAGE, "siguiente", ticket.id, ticket.version))
