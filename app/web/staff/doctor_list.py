"""The list of a consulting room: whom it attends on a day, who has come, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.queries.own import own_appointment
from app.desk.problems import CounterClosed, CounterTaken
from app.desk.queries.counters import CounterView, counters_of, my_counter
from app.desk.queries.day_list import DayLine, day_list
from app.desk.queries.queues import QueueTerms, queue_terms
from app.desk.queries.tickets import TicketView, ticket_view
from app.desk.rules.visits import missed_from
from app.desk.service import counters
from app.desk.service.attendance import record_attended, record_missed
from app.desk.service.counters import Seat
from app.identity.permissions import Action, require
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import iso_date, whole_number
from app.kernel.problems import NotFound, Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.folios import Folio
from app.web.labels import day_of, hour_of
from app.web.rendering import finish, redirect, show
from app.web.staff import desk_labels
from app.web.staff.counter import services_of, why_taken
from app.web.staff.counter_tickets import TicketButton, act_on
from app.web.staff.counter_view import after_ticket, say_what_was_done, ticket_facts
from app.web.staff.header import HEADER, announce_words, done, last_button
from app.web.staff.list_query import ListQuery
from app.web.staff.unit_choice import FIELD, desk_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

PAGE = "/ventanilla/consultorio"
router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])
FOLLOW_UP = "seguimiento"
BOOKED = N_("Cita de seguimiento: %(day)s, %(hour)s. Folio: %(folio)s.")
ROOM_ANSWER = "desk_room"
"""In the answers of a session: the room that was chosen last, by unit."""
ROOM_LABELS = {"sala": N_("Consultorio"), "dia": N_("Día")}


@dataclass(frozen=True, slots=True)
class ListAsked:
    """Which list: a room of a unit on a day. `room` is None until one is chosen; `today`: the day there."""

    unit: Unit
    room: int | None
    day: date
    today: date
    rooms: Sequence[CounterView]

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def place(self) -> CounterView | None:
        return next((one for one in self.rooms if one.counter == self.room), None)

    def page(self, day: date | None = None) -> str:
        """The address of the list, or of the same room on another day."""
        on = day or self.day
        query = {"sala": str(self.room)} | ({} if on == self.today else {"dia": on.isoformat()})
        return f"{PAGE}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. `late`: how many minutes ago the person was due, of one who hasn't come and may have missed
    it; None else."""

    line: DayLine
    late: int | None
    facts: Sequence[object]

    @property
    def is_here(self) -> bool:
        return self.line.ticket_status in ("waiting", "parked", "called", "serving")


def row_facts(line: DayLine) -> list[object]:
    """An appointment of the list, as its forms show it."""
    return [line.folio, line.status, line.ticket_id, line.ticket_version]


@router.get("")
async def list_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Today's list of the room where one sits, or of that chosen last. `unidad`: the CLUES; `sala`: the number of the
    room; `dia`: another day."""
    require(actor, Action.ATTEND_PEOPLE)
    await _say(request, tx, actor)
    asked = ListQuery(request, ROOM_LABELS)
    asked.parsed(FIELD, str)
    unit = request.query_params.get(FIELD)
    room = asked.parsed("sala", lambda text: whole_number(text, low=1, high=999))
    day = asked.parsed("dia", iso_date)
    for name in ("turno", "cita"):
        asked.parsed(name, str)
    asked.done()
    return await _show(request, browser, actor, tx, unit=unit, room=room, day=day)


async def _say(request: Request, tx: AsyncSession, actor: Staff) -> None:
    """Say on top what the button that led here did."""
    asked, button = request.query_params, last_button(request)
    if button in ("atendida", "no-vino"):
        announce_words(request, gettext(desk_labels.DONE[button]))
    elif button == FOLLOW_UP:
        with suppress(NotFound):
            made = await own_appointment(tx, actor, asked.get("cita", "")[:20])
            values = {"day": day_of(made.start_at, made.timezone), "hour": hour_of(made.start_at, made.timezone)}
            announce_words(request, gettext(BOOKED) % (values | {"folio": made.folio}))
    else:
        seat = await my_counter(tx, actor)
        is_there = seat is not None and asked.get("sala", "") in ("", str(seat.counter))
        await say_what_was_done(request, tx, actor, seat if is_there else None)


async def _show(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    *,
    unit: str | None = None,
    room: int | None = None,
    day: date | None = None,
    form: EffectForm | None = None,
    problem: Problem | None = None,
    about: TicketView | None = None,
) -> Response:
    seat = await my_counter(tx, actor)
    choice = await desk_choice(tx, browser, actor, unit)
    if seat is not None and unit is None and actor.works_at(seat.unit_id):
        choice = type(choice)(await unit_by_id(tx, seat.unit_id), is_only=choice.is_only)
    asked, rows = None, []
    if choice.unit is not None:
        asked = await _asked(tx, browser, actor, choice.unit, seat, room, day)
        rows = await _rows(tx, actor, asked)
    is_mine = seat is not None and asked is not None and (seat.unit_id, seat.counter) == (asked.unit.id, asked.room)
    return show(
        request,
        browser,
        "staff/doctor_list.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        about=about,
        choice=choice,
        asked=asked,
        rows=rows,
        seat=seat,
        is_mine=is_mine,
        may_call=is_mine and seat is not None and seat.status == "open" and seat.ticket_id is None,
        counted=_counted(rows),
        around=_around(asked),
        ticket_facts=ticket_facts,
        row_ticket=_row_ticket,
        words=desk_labels,
        here=PAGE,
        back="/ventanilla",
    )


def _around(asked: ListAsked | None) -> tuple[date, date] | None:
    """The days before and after."""
    return (asked.day - timedelta(days=1), asked.day + timedelta(days=1)) if asked else None


@dataclass(frozen=True, slots=True)
class RowTicket:
    """The ticket of a line, as the forms about it need it."""

    id: UUID | None
    version: int | None


def _row_ticket(line: DayLine) -> RowTicket:
    return RowTicket(line.ticket_id, line.ticket_version)


async def _asked(
    tx: AsyncSession,
    browser: BrowserSession,
    actor: Staff,
    unit: Unit,
    seat: CounterView | None,
    room: int | None,
    day: date | None,
) -> ListAsked:
    rooms = await counters_of(tx, actor, unit.id)
    known = {one.counter for one in rooms}
    here = seat.counter if seat is not None and seat.unit_id == unit.id else None
    stored = browser.answers.get(ROOM_ANSWER, {}).get(str(unit.id))
    chosen = next((number for number in (room, here, stored) if number in known), None)
    if chosen is not None and chosen != stored:
        browser.remember(**{ROOM_ANSWER: {str(unit.id): chosen}})
    today = clock.today(unit.timezone)
    return ListAsked(unit, chosen, day or today, today, rooms)


async def _rows(tx: AsyncSession, actor: Staff, asked: ListAsked) -> list[Row]:
    if asked.room is None:
        return []
    lines = await day_list(tx, actor, asked.unit.id, room=asked.room, on_date=asked.day)
    record_views(actor, ViewContext.DESK, {line.person_id: asked.unit.id for line in lines})
    terms = await queue_terms(tx, actor, asked.unit.id)
    return [Row(line, _late(line, terms), row_facts(line)) for line in lines]


def _late(line: DayLine, terms: dict[str, QueueTerms]) -> int | None:
    """Minutes since the hour of an appointment whose person hasn't come and is expected no more."""
    if line.status != "booked" or line.ticket_id is not None:
        return None
    now, tolerance = clock.now(), terms.get(line.service, QueueTerms()).tolerance
    return (now - line.start_at) // timedelta(minutes=1) if now > missed_from(line.start_at, tolerance) else None


@dataclass(frozen=True, slots=True)
class Counted:
    """How the day of a room stands."""

    total: int
    here: int
    attended: int
    missed: int
    late: int


def _counted(rows: Sequence[Row]) -> Counted:
    return Counted(
        total=len(rows),
        here=sum(one.is_here for one in rows),
        attended=sum(one.line.status == "attended" for one in rows),
        missed=sum(one.line.status == "missed" for one in rows),
        late=sum(one.late is not None for one in rows),
    )


async def _again(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    form: EffectForm,
    problem: Problem | None = None,
    about: TicketView | None = None,
) -> Response:
    """The list that a form was sent from, as it is now, with why nothing was done."""
    room, day = _of_form(form)
    return await _show(request, browser, actor, tx, room=room, day=day, form=form, problem=problem, about=about)


def _of_form(form: EffectForm) -> tuple[int | None, date | None]:
    """The room and the day of the page that a form was sent from."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(form.get("page")).query).items()}
    room, day = None, None
    with suppress(ValueError):
        room = whole_number(form.get("room") or query.get("sala", ""), low=1, high=999)
    with suppress(ValueError):
        day = iso_date(query.get("dia", ""))
    return room, day


def page_of_form(form: EffectForm) -> str:
    """The address of the list that a form was sent from."""
    room, day = _of_form(form)
    query = ({"sala": str(room)} if room else {}) | ({"dia": day.isoformat()} if day else {})
    return f"{PAGE}?{urlencode(query)}" if query else PAGE


@router.post("/abrir")
async def open_room(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Sit down in the room of the list, for what it attends."""
    require(actor, Action.ATTEND_PEOPLE)
    unit_id = form.chosen_id("unit", N_("Elija la unidad."))
    room, _day = _of_form(form)
    if not form.holds(unit_id, room) or unit_id is None or room is None:
        return await _again(request, browser, actor, tx, form)
    at = Seat(unit_id, room)
    services = await services_of(tx, actor, at)
    if not services:
        return redirect(request, browser, "/ventanilla/mostrador")
    try:
        async with savepoint(tx):
            await counters.open_counter(tx, actor, at, services)
    except CounterTaken:
        taken = CounterTaken(detail=await why_taken(tx, actor, at))
        return await _again(request, browser, actor, tx, form, taken)
    return redirect(request, browser, done(page_of_form(form), "abrio"))


class CameButton(StrEnum):
    """Whether the person of an appointment was attended."""

    ATTENDED = "atendida"
    MISSED = "no-vino"


@router.post("/citas/{folio:folio}/{button}")
async def record_came(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    folio: Folio,
    button: CameButton,
) -> Response:
    """The person was attended, or didn't come; each corrects the other."""
    require(actor, Action.ATTEND_PEOPLE)
    own = await own_appointment(tx, actor, folio)
    lines = await day_list(tx, actor, own.unit_id, room=own.room, on_date=own.on_date)
    line = next((one for one in lines if one.folio == own.folio), None)
    if not form.holds(row_facts(line) if line else None):
        return await _again(request, browser, actor, tx, form)
    record = record_attended if button is CameButton.ATTENDED else record_missed
    try:
        async with savepoint(tx):
            await record(tx, actor, folio)
    except Problem as problem:
        form.failure = problem
        return await _again(request, browser, actor, tx, form, problem)
    return finish(request, browser, form, done(page_of_form(form), button.value))


class CallButton(StrEnum):
    """What a doctor does with the ticket of a line."""

    CALL = TicketButton.CALL.value
    CALL_AGAIN = TicketButton.CALL_AGAIN.value
    IS_HERE = TicketButton.IS_HERE.value


@router.post("/turnos/{ticket_id}/{button}")
async def call(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    ticket_id: UUID,
    button: CallButton,
) -> Response:
    """Call this one to the room, again, or let them in."""
    require(actor, Action.ATTEND_PEOPLE)
    seat = await my_counter(tx, actor)
    if seat is None:
        return await _again(request, browser, actor, tx, form, CounterClosed())
    ticket = await ticket_view(tx, actor, seat.unit_id, ticket_id)
    if not form.holds(ticket_facts(ticket)):
        return await _again(request, browser, actor, tx, form, about=ticket)
    try:
        changed = await act_on(tx, actor, TicketButton(button.value), ticket, form)
    except Problem as problem:
        form.failure = problem
        now = await ticket_view(tx, actor, seat.unit_id, ticket_id)
        return await _again(request, browser, actor, tx, form, problem, now)
    return finish(request, browser, form, after_ticket(page_of_form(form), button.value, changed.id, changed.version))
