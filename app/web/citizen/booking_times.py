"""Booking times: choose a day and a slot, which is held for some minutes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from app.appointments.horizon import last_open_day
from app.appointments.problems import SlotTaken
from app.appointments.queries import availability, unavailability
from app.appointments.queries.availability import FreeDay, FreeTime, Own
from app.appointments.queries.draws import DrawView, RegistrationView, open_draws, registrations_of
from app.appointments.queries.own import LiveHold, OwnAppointment, busy_times, live_hold, own_appointment
from app.appointments.queries.releases import NextRelease, has_releases, next_releases
from app.appointments.rules import has_own_doctor, policy_of
from app.appointments.service import eligibility, holds
from app.appointments.service.holds import Place
from app.appointments.settings import booking_settings
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date, iso_instant, whole_number
from app.kernel.problems import FieldError, NotFound, Problem
from app.places.queries import unit_by_id
from app.registry.queries import own_person
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_flow import STEPS, BookingFlow, HeldTime, booking_flow_of, shown, store_answer, store_hold
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show, start_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit
    from app.registry.models import Person

router = APIRouter()

NOON = 12


class BookingContext:
    """The context of the booking pages: the person, the clinic, the service, the appointment to move."""

    def __init__(
        self,
        journey: BookingFlow,
        person: Person,
        unit: Unit,
        moving: OwnAppointment | None,
        busy: tuple[tuple[datetime, datetime], ...] = (),
    ) -> None:
        assert journey.service is not None
        self.journey = journey
        self.person = person
        self.unit = unit
        self.service = journey.service
        self.moving = moving
        self.own = Own(person_id=person.id, busy=busy)
        if person.unit_id == unit.id and has_own_doctor(self.service):
            self.own = Own(person.room, person.shift, person.id, busy)

    @property
    def moving_id(self) -> UUID | None:
        return self.moving.id if self.moving else None

    @property
    def earliest(self) -> datetime:
        return clock.now() + timedelta(minutes=policy_of(self.service).min_ahead_minutes)

    def shown(self, before: str | None = None) -> list[object]:
        """What a page of this scene shows: see `journey.shown`."""
        return shown(self.journey, before, self.moving.version if self.moving else None)

    @property
    def back(self) -> str:
        return f"/citas/{self.moving.folio}" if self.moving else "/citas/clinica"


async def booking_context_of(tx: AsyncSession, actor: Citizen, journey: BookingFlow) -> BookingContext:
    """Load what the booking flow is about, through the access-controlled reads."""
    person = await own_person(tx, actor, journey.person)
    assert journey.unit is not None
    unit = await unit_by_id(tx, journey.unit)
    moving = await own_appointment(tx, actor, journey.moving) if journey.moving else None
    busy = await busy_times(tx, person.id, moving.id if moving else None)
    return BookingContext(journey, person, unit, moving, busy)


@router.get("/citas/dia")
async def day_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """The days with free times, soonest first and chosen; a list, never a calendar that needs a program."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("day"):
        return redirect(request, browser, missing)
    return await _day_page(request, browser, tx, await booking_context_of(tx, actor, journey))


async def _free_days(tx: AsyncSession, booking: BookingContext) -> tuple[list[FreeDay], Problem | None]:
    """The days that can be had, with the time that is held for the person; why none can, where a rule says so."""
    found = await availability.free_days(
        tx,
        booking.unit.id,
        booking.service,
        own=booking.own,
        first=clock.today(booking.unit.timezone),
        last=last_open_day(booking.unit.timezone),
        earliest=booking.earliest,
    )
    held = await live_hold(tx, booking.person.id, booking.service, booking.unit.id)
    if held is not None and held.on_date not in {one.day for one in found}:
        found = sorted([*found, FreeDay(held.on_date, 1, held.start_at, None)], key=lambda one: one.day)
    return await eligibility.bookable_days(
        tx, booking.person.id, booking.unit.id, booking.service, found, moving=booking.moving_id
    )


async def _day_page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    booking: BookingContext,
    form: SubmittedForm | None = None,
) -> Response:
    days, refusal = await _free_days(tx, booking)
    nothing = None
    if not days:
        others = [] if booking.moving else await eligibility.other_units(tx, booking.unit, booking.service)
        nothing = await unavailability.explain_unavailability(
            tx,
            booking.unit.id,
            booking.service,
            today=clock.today(booking.unit.timezone),
            last=last_open_day(booking.unit.timezone),
            others=[one.id for one in others],
        )
    upcoming: list[NextRelease] = []
    draws: list[DrawView] = []
    if await has_releases(tx, booking.unit.id, booking.service):
        upcoming = await next_releases(tx, booking.unit.id, booking.service, clock.today(booking.unit.timezone))
        draws = await open_draws(tx, booking.unit.id, booking.service)
    registered = await registrations_of(tx, [booking.person.id]) if draws else list[RegistrationView]()
    known = {one.day.isoformat() for one in days}
    chosen = (
        browser.answers.get("day") if browser.answers.get("day") in known else (days[0].day.isoformat() if days else "")
    )
    return show(
        request,
        browser,
        "citizen/day.html",
        errors=form.errors if form else None,
        booking=booking,
        days=days,
        weeks_of=weeks_of,
        nothing=nothing,
        upcoming=upcoming,
        draws=draws,
        registered={one.draw_id: one for one in registered if not one.is_cancelled},
        why_not=refusal,
        typed=form.values if form else {"day": chosen},
        chosen=iso_date(chosen) if chosen else None,
        shown=booking.shown("day"),
        back=booking.back,
    )


def weeks_of(days: list[FreeDay]) -> list[tuple[date, list[FreeDay]]]:
    """Days by the week they are in, each with its Monday, by which a week is named."""
    return [(monday, list(week)) for monday, week in groupby(days, _monday_of)]


def _monday_of(one: FreeDay) -> date:
    return one.day - timedelta(days=one.day.weekday())


@router.post("/citas/dia")
async def day_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """A day; whether it still has times is seen on the next page."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("day"):
        return start_again(request, browser, form, missing)
    booking = await booking_context_of(tx, actor, journey)
    chosen = form.parsed("day", _iso_day, N_("Elija un día."))
    if form.errors or not form.holds(booking.shown("day")):
        return await _day_page(request, browser, tx, booking, form)
    store_answer(browser, "day", chosen)
    return redirect(request, browser, STEPS["hold"])


def _iso_day(text: str) -> str:
    try:
        return iso_date(text).isoformat()
    except ValueError as error:
        raise ValueError(N_("Elija uno de los días de la lista.")) from error


@router.get("/citas/hora")
async def time_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """The free times of the day, own room first, morning and afternoon apart."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("hold"):
        return redirect(request, browser, missing)
    return await show_times(request, browser, tx, await booking_context_of(tx, actor, journey))


async def show_times(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    booking: BookingContext,
    *,
    problem: Problem | None = None,
    errors: list[FieldError] | None = None,
    chosen: str = "",
) -> Response:
    """The page of times; with a problem, what happened and the nearest free times are said above them. `chosen`: the
    one that was sent."""
    assert booking.journey.day is not None
    day = booking.journey.day
    held = await live_hold(tx, booking.person.id, booking.service, booking.unit.id)
    times = await availability.free_times(
        tx,
        booking.unit.id,
        booking.service,
        day,
        own=booking.own,
        last=last_open_day(booking.unit.timezone),
        earliest=booking.earliest,
    )
    if held is not None and held.on_date == day:
        times = with_held(times, held, booking.own)
    else:
        held = None
    if not times and problem is None:
        problem = SlotTaken(
            detail=N_("En ese día ya no hay horarios que pueda reservar."),
            next_step=N_("Elija otro día de la lista."),
        )
    alternatives = [
        (iso_instant(one["start_at"]), one["room"])
        for one in (problem.extra.get("alternatives", []) if problem else [])
    ]
    own = Halves([time for time in times if time.is_mine and booking.own.room], booking.unit.timezone)
    other = Halves([time for time in times if time not in own.all], booking.unit.timezone)
    first = own if own.all else other
    return show(
        request,
        browser,
        "citizen/time.html",
        status=problem.status if problem else 200,
        errors=errors,
        anchors={"time": "morning" if first.morning else "afternoon"},
        problem=problem,
        alternatives=alternatives,
        booking=booking,
        day=day,
        own=own,
        other=other,
        held=held,
        chosen=chosen,
        minutes=booking_settings().hold_minutes,
        shown=booking.shown("hold"),
        back="/citas/dia",
    )


def with_held(times: list[FreeTime], held: LiveHold, own: Own) -> list[FreeTime]:
    """The times of a day with the one that is held for the person, which no one else is offered."""
    mine = FreeTime(held.start_at, held.room, held.minutes, 1, held.room == own.room)
    return sorted([*(one for one in times if one.start_at != held.start_at), mine], key=lambda one: one.start_at)


class Halves:
    """Times of a day, morning and afternoon apart by the clinic's clock."""

    def __init__(self, times: list[FreeTime], zone: str) -> None:
        hours = ZoneInfo(zone)
        self.all = times
        self.morning = [time for time in times if time.start_at.astimezone(hours).hour < NOON]
        self.afternoon = times[len(self.morning) :]


@router.post("/citas/hora")
async def time_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """Hold the slot while the person confirms; if it was taken, offer the nearest."""
    journey = booking_flow_of(browser)
    if missing := journey.missing("hold"):
        return start_again(request, browser, form, missing)
    booking = await booking_context_of(tx, actor, journey)
    chosen = _chosen(form)
    if chosen is None or not form.holds(booking.shown("hold")):
        return await show_times(request, browser, tx, booking, errors=form.errors, chosen=form.get("time"))
    start_at, room = chosen
    place = Place(booking.unit.id, booking.service, room, start_at)
    try:
        done = await holds.hold(
            tx,
            actor,
            booking.person.id,
            place,
            form.idempotency_request(),
            moving=booking.moving.id if booking.moving else None,
        )
    except NotFound:
        raise
    except Problem as problem:
        return await show_times(request, browser, tx, booking, problem=problem)
    held = done.value
    on_date = clock.local_day(start_at, booking.unit.timezone)
    store_answer(browser, "day", on_date.isoformat())
    store_hold(browser, HeldTime(held.id, held.room, held.start_at, held.held_until))
    return redirect(request, browser, "/citas/revisar")


def _chosen(form: SubmittedForm) -> tuple[datetime, int] | None:
    """`2026-11-24T14:20:00+00:00|3`: an instant and a room."""
    text, _bar, room = form.required("time", N_("Elija una hora.")).partition("|")
    if form.errors:
        return None
    try:
        return iso_instant(text), whole_number(room, low=1, high=999)
    except ValueError:
        form.wrong("time", N_("Elija una de las horas de la lista."))
        return None
