"""Freed times at reception: who is offered which and why; they accept, or the next is asked."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.desk.queries.offers import OfferView, offer_view
from app.desk.queries.tickets import ticket_of_number
from app.desk.rules.offers import OfferStatus
from app.desk.rules.tickets import parse_number
from app.desk.service import offers
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, at_hour, gettext
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.labels import hour_of, place_of
from app.web.rendering import finish, lower_first, show, start_again
from app.web.staff.header import HEADER, TO_FIELD, announce_words, done, last_button
from app.web.staff.reception_unit import CHOOSE, OFFERS, PAGE, desk_unit
from app.web.staff.unit_choice import FIELD, choose_page, desk_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=OFFERS, dependencies=[RECORDS_VIEWS, HEADER])

ACCEPTS, DECLINES = "acepta", "no-quiere"
WHY = {
    "cancelled": N_("Quien la tenía canceló su cita."),
    "moved": N_("Quien la tenía cambió su cita a otra hora."),
    "missed": N_("Se anotó que la persona de esa cita no vino."),
}
SAID = {
    "ofrecido": (OfferStatus.ACCEPTED, N_("El turno %(number)s tiene ahora el horario de %(hour)s, %(place)s.")),
    "rehusado": (
        OfferStatus.DECLINED,
        N_("El turno %(number)s no quiso el horario de %(hour)s: conserva su lugar, y el horario pasa a quien sigue."),
    ),
}


@router.get("")
async def offers_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """What is offered at the unit now. Looking makes the offers, and records them."""
    choice = await desk_choice(tx, browser, actor, request.query_params.get(FIELD))
    if choice.unit is None:
        return choose_page(request, browser, choice, OFFERS, PAGE)
    unit_id = choice.unit.id
    await _say_what_was_done(request, tx, unit_id)
    return await _page(request, browser, actor, tx, unit_id)


async def _say_what_was_done(request: Request, tx: AsyncSession, unit_id: UUID) -> None:
    """Which ticket has which time now, or who didn't want it: several are answered one after the other."""
    name, offer = last_button(request), None
    if name in SAID:
        with suppress(ValueError, NotFound):
            offer = await offer_view(tx, unit_id, UUID(request.query_params.get(TO_FIELD, "")))
    if offer is not None and offer.status == SAID[name][0]:
        values = {
            "number": offer.number,
            "hour": at_hour(hour_of(offer.start_at, offer.timezone)),
            "place": lower_first(place_of(offer.service, offer.room)),
        }
        announce_words(request, gettext(SAID[name][1]) % values)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    unit_id: UUID,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    found = await offers.offers_now(tx, actor, unit_id)
    for one in found.offers:
        if one.person_id is not None:
            record_views(actor, ViewContext.DESK, {one.person_id: unit_id})
    return show(
        request,
        browser,
        "staff/offers.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        unit=await unit_by_id(tx, unit_id),
        offers=found.offers,
        to_identify=[(number, await _id_of(tx, actor, unit_id, number)) for number in found.to_identify],
        why=WHY,
        facts=facts_of,
        back=PAGE,
    )


async def _id_of(tx: AsyncSession, actor: Staff, unit_id: UUID, printed: str) -> UUID | None:
    number = parse_number(printed)
    return await ticket_of_number(tx, actor, unit_id, *number) if number is not None else None


def facts_of(offer: OfferView) -> list[object]:
    """An offer as its buttons show it."""
    return [offer.id, offer.ticket_id, offer.room, offer.start_at.astimezone(UTC).isoformat(), offer.freed]


@router.post("/{ticket_id}/{answer}")
async def answered(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    ticket_id: UUID,
    answer: str,
) -> Response:
    """They accept: the ticket has that time. Or they don't: it goes to the next."""
    require(actor, Action.ATTEND_PEOPLE)
    unit_id = desk_unit(browser, actor, form.get("unidad"))
    if unit_id is None or answer not in (ACCEPTS, DECLINES):
        return start_again(request, browser, form, CHOOSE if unit_id is None else OFFERS)
    found = await offers.offers_now(tx, actor, unit_id)
    shown = next((one for one in found.offers if one.ticket_id == ticket_id), None)
    problem = None
    if form.holds(facts_of(shown) if shown else None) and shown is not None:
        try:
            async with savepoint(tx):
                if answer == ACCEPTS:
                    made = await offers.accept(tx, actor, unit_id, ticket_id, form.idempotency_request())
                else:
                    made = await offers.decline(tx, actor, unit_id, ticket_id)
            name = "ofrecido" if answer == ACCEPTS else "rehusado"
            return finish(request, browser, form, done(OFFERS, name, to=made.id))
        except Problem as refusal:
            form.failure = problem = refusal
    return await _page(request, browser, actor, tx, unit_id, form, problem)
