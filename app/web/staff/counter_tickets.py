"""What is done with a ticket at the counter: each button acts on the version that its page showed, and once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.desk.problems import CounterClosed
from app.desk.queries.counters import my_counter
from app.desk.queries.tickets import TicketView, ticket_view
from app.desk.rules.tickets import LeftBecause
from app.desk.service import calls, departures
from app.desk.service.tickets import TicketRef
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish
from app.web.staff.counter_view import PAGE, after_ticket, show_counter, ticket_facts
from app.web.staff.header import HEADER

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.desk.models import DeskTicket

router = APIRouter(prefix=f"{PAGE}/turnos", dependencies=[RECORDS_VIEWS, HEADER])


class TicketButton(StrEnum):
    """A button about a ticket."""

    CALL = "llama"
    CALL_AGAIN = "otra-vez"
    IS_HERE = "llego"
    NO_ANSWER = "no-respondio"
    PARK = "aparta"
    IS_BACK = "regreso"
    IS_BACK_AND_CALL = "regreso-y-llama"
    FINISH = "termino"
    TRANSFER = "pasa"
    LEAVE = "se-fue"
    UNDO = "devuelve"
    ANY_ROOM = "cualquiera"


REASONS = (LeftBecause.GAVE_UP.value, LeftBecause.REDIRECTED.value)
"""Why a person leaves, as staff choose it; that they didn't answer has a button of its own."""


async def _no_answer(tx: AsyncSession, actor: Staff, at: TicketRef, _form: EffectForm) -> DeskTicket:
    return await departures.leave(tx, actor, at, LeftBecause.NO_ANSWER)


async def _leave(tx: AsyncSession, actor: Staff, at: TicketRef, form: EffectForm) -> DeskTicket:
    return await departures.leave(tx, actor, at, LeftBecause(form.get("because")))


async def _transfer(tx: AsyncSession, actor: Staff, at: TicketRef, form: EffectForm) -> DeskTicket:
    return await departures.transfer(tx, actor, at, form.get("service"))


async def _back_and_call(tx: AsyncSession, actor: Staff, at: TicketRef, _form: EffectForm) -> DeskTicket:
    await departures.put_back(tx, actor, at)
    return await calls.call_ticket(tx, actor, replace(at, version=None))


Change = Callable[["AsyncSession", Staff, TicketRef], Awaitable["DeskTicket"]]
ALONE: Mapping[TicketButton, Change] = {
    TicketButton.CALL: calls.call_ticket,
    TicketButton.CALL_AGAIN: calls.call_again,
    TicketButton.IS_HERE: calls.serve,
    TicketButton.FINISH: calls.finish,
    TicketButton.PARK: departures.park,
    TicketButton.IS_BACK: departures.put_back,
    TicketButton.UNDO: departures.undo_leave,
    TicketButton.ANY_ROOM: departures.let_any_room_attend,
}
WITH_FORM = {
    TicketButton.NO_ANSWER: _no_answer,
    TicketButton.LEAVE: _leave,
    TicketButton.TRANSFER: _transfer,
    TicketButton.IS_BACK_AND_CALL: _back_and_call,
}


async def act_on(
    tx: AsyncSession, actor: Staff, button: TicketButton, ticket: TicketView, form: EffectForm
) -> DeskTicket:
    """Do what a button says to a ticket at the version that was shown, whole or not at all.

    Raises:
        Problem: why not.
    """
    at = TicketRef(ticket.unit_id, ticket.id, ticket.version)
    async with savepoint(tx):
        if button in WITH_FORM:
            return await WITH_FORM[button](tx, actor, at, form)
        return await ALONE[button](tx, actor, at)


@router.post("/{ticket_id}/{button}")
async def act(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    ticket_id: UUID,
    button: TicketButton,
) -> Response:
    """The page again, with what was done; or with the ticket as it is now and why nothing was."""
    require(actor, Action.ATTEND_PEOPLE)
    seat = await my_counter(tx, actor)
    if seat is None:
        return await show_counter(request, browser, actor, tx, form=form, problem=CounterClosed())
    ticket = await ticket_view(tx, actor, seat.unit_id, ticket_id)
    if button is TicketButton.LEAVE:
        form.one_of("because", list(REASONS), N_("Elija por qué se fue."))
    if button is TicketButton.TRANSFER:
        form.required("service", N_("Elija a qué fila pasa."))
    if not form.holds(ticket_facts(ticket)) or form.errors:
        return await show_counter(request, browser, actor, tx, form=form, about=ticket)
    try:
        changed = await act_on(tx, actor, button, ticket, form)
    except Problem as problem:
        form.failure = problem
        now = await ticket_view(tx, actor, seat.unit_id, ticket_id)
        return await show_counter(request, browser, actor, tx, form=form, problem=problem, about=now)
    return finish(request, browser, form, after_ticket(PAGE, button.value, changed.id, changed.version))
