"""Look it over and done: the appointment is made, or moved, by one button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.appointments.horizon import last_open_day
from app.appointments.problems import HoldExpired, SlotTaken
from app.appointments.queries import availability
from app.appointments.queries.own import live_hold, own_appointment
from app.appointments.service import reschedule
from app.appointments.service.booking import book
from app.appointments.service.reschedule import NewTime
from app.identity.service import accounts
from app.kernel import clock
from app.kernel.http.parameters import Tx
from app.kernel.problems import Problem
from app.registry.queries import own_person
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.appointment import may_change_now, qr_of
from app.web.citizen.booking_flow import STEPS, BookingFlow, booking_flow_of, clear, store_hold
from app.web.citizen.booking_times import BookingContext, booking_context_of, show_times
from app.web.effects import Effect
from app.web.passes import STATE, has_pass, state_of
from app.web.rendering import redirect, show, start_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter()

MASK_KEEPS = 2


@router.get("/citas/revisar")
async def review_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """Every answer with its way back, and until when the time is held: as the database has it now, however often the
    page is loaded. When it isn't held any more, the nearest free times are offered."""
    journey = booking_flow_of(browser)
    if missing := _missing(browser, journey):
        return redirect(request, browser, missing)
    return await _review_now(request, browser, tx, await booking_context_of(tx, actor, journey))


async def _review_now(request: Request, browser: BrowserSession, tx: AsyncSession, booking: BookingContext) -> Response:
    hold = booking.journey.hold
    assert hold is not None
    held = await live_hold(tx, booking.person.id, booking.service, booking.unit.id)
    if held is None or held.id != hold.id:
        near = await availability.nearest_free(
            tx,
            booking.unit.id,
            booking.service,
            hold.start_at,
            booking.person.id,
            last=last_open_day(booking.unit.timezone),
        )
        store_hold(browser, None)
        return await show_times(request, browser, tx, booking, problem=HoldExpired(extra={"alternatives": near}))
    return _review(request, browser, booking)


def _missing(browser: BrowserSession, journey: BookingFlow) -> str | None:
    missing = journey.missing("hold")
    if missing and "folio" in browser.answers and journey.person is None:
        return "/citas/listo"  # the button was pressed twice: it is done
    return missing or (STEPS["hold"] if journey.hold is None else None)


def _review(
    request: Request, browser: BrowserSession, booking: BookingContext, problem: Problem | None = None
) -> Response:
    return show(
        request,
        browser,
        "citizen/review.html",
        status=problem.status if problem else 200,
        problem=problem,
        booking=booking,
        hold=booking.journey.hold,
        shown=booking.shown(),
        back=STEPS["hold"],
    )


@router.post("/citas/revisar")
async def review_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """Book or move the appointment that the page showed. If the hold expired meanwhile, offer the nearest slots."""
    journey = booking_flow_of(browser)
    if journey.missing("hold") or journey.hold is None:
        return start_again(
            request, browser, form, "/mi" if journey.person is None else _missing(browser, journey) or "/mi"
        )
    booking = await booking_context_of(tx, actor, journey)
    hold = journey.hold
    if not form.holds(booking.shown()):
        return await _review_now(request, browser, tx, booking)
    try:
        if booking.moving is not None:
            to = NewTime(hold.room, hold.start_at)
            done = await reschedule.move(
                tx, actor, booking.moving.folio, to, form.idempotency_request(), version=booking.moving.version
            )
        else:
            done = await book(tx, actor, booking.person.id, hold.id, form.idempotency_request())
    except (HoldExpired, SlotTaken) as problem:
        form.failure = problem  # another tab may have confirmed it a moment ago
        store_hold(browser, None)
        return await show_times(request, browser, tx, booking, problem=problem)
    except Problem as problem:
        if problem.status == 404:
            raise
        return _review(request, browser, booking, problem)
    clear(browser)
    changed = booking.moving is not None and done.value.version > booking.moving.version
    browser.remember(folio=done.value.folio, was_moved=changed or None, thanked=None)
    form.outcome = f"/citas/{done.value.folio}"  # «listo» is about what this browser booked last
    return redirect(request, browser, "/citas/listo")


@router.get("/citas/listo")
async def done_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """The folio, when, where, what to bring, and how to change it."""
    folio = browser.answers.get("folio")
    if folio is None:
        return redirect(request, browser, "/mi")
    own = await own_appointment(tx, actor, folio)
    person = await own_person(tx, actor, own.person_id)
    account = await accounts.account_of(tx, actor.person_id)
    answer = show(
        request,
        browser,
        "citizen/done.html",
        own=own,
        person=person,
        moved=browser.answers.get("was_moved", False),
        thanks=browser.answers.get("thanked") == own.folio,
        shown=[own.folio, own.version],
        can_change=may_change_now(browser, own),
        sent_to=masked(account.email or account.phone) if account else None,
        qr=qr_of(own.folio),
        has_pass=browser.served is None and has_pass(own, clock.now()),
    )
    answer.headers[STATE] = state_of(own, clock.now())
    return answer


def masked(contact: str | None) -> str | None:
    """A contact as its owner recognises it and no one else reads it: `an•••@ejemplo.mx`, `•••• 5678`."""
    if not contact:
        return None
    local, at, domain = contact.partition("@")
    return f"{local[:MASK_KEEPS]}•••@{domain}" if at else f"•••• {contact[-4:]}"
