"""Close a shift because a doctor is absent: the form, a preview of whom it hits, and the closures of a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from app.appointments.problems import RoomUnknown
from app.appointments.queries.rebooking import open_answers
from app.appointments.service import closures, schedules, shift_closures
from app.appointments.service.closures import Closed
from app.appointments.service.rebooking import Offered
from app.appointments.service.shift_closures import ShiftSpan
from app.desk.queries.tickets import here_by_folio
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import iso_date, whole_number
from app.kernel.problems import Invalid
from app.places.queries import room_kinds, unit_by_id, units_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import names_of
from app.registry.reachability import unreachable
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm, Look
from app.web.labels import SHIFTS, appointment_day, until_of
from app.web.rendering import finish, show
from app.web.staff import agenda_notices
from app.web.staff.header import HEADER, done
from app.web.staff.release_fairness import STATUSES
from app.web.staff.unit_choice import choose_page, supervised_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

router = APIRouter(prefix="/ventanilla/jefatura/cierres", dependencies=[RECORDS_VIEWS, HEADER])

PAGE = "/ventanilla/jefatura/cierres"
REASONS = {
    "leave": N_("Quien atiende no vino o tiene permiso"),
    "training": N_("Capacitación"),
    "maintenance": N_("Mantenimiento"),
    "emergency": N_("Emergencia"),
}
FIELDS = {"starts_at": "first", "ends_at": "last"}
FROM_HOUR = N_("%(day)s, desde %(hour)s")
NO_DAY = N_("Escriba un día que exista.")
NO_ROOM, NO_SHIFT = N_("Elija un consultorio o ventanilla de la lista."), N_("Elija un turno de la lista.")


@dataclass(frozen=True, slots=True)
class HitLine:
    """A person whom it hits and where they would go, as the preview shows it. `ticket`: their number, when they are at
    the unit already. `is_mute`: messages don't reach them."""

    name: str
    offered: Offered
    unit_name: str
    timezone: str
    ticket: str | None
    is_mute: bool


async def lines_of(tx: AsyncSession, actor: Staff, unit: Unit, offers: Sequence[Offered]) -> list[HitLine]:
    """Each by name, in the order of the original times; that they were shown is recorded."""
    people = {one.person_id for one in offers}
    record_views(actor, ViewContext.APPOINTMENT, dict.fromkeys(people, unit.id))
    names = await names_of(tx, people)
    places = {one.placement.seat.unit_id for one in offers if one.placement.seat}
    units = {one.id: one for one in await units_by_id(tx, places)} if places else {}
    here = await here_by_folio(tx, actor, unit.id) if offers else {}
    mute = await unreachable(tx, people, clock.today(unit.timezone))
    lines = []
    for one in sorted(offers, key=lambda one: (one.start_at, one.folio)):
        there = units[one.placement.seat.unit_id] if one.placement.seat else unit
        name, is_mute = names[one.person_id], one.person_id in mute
        lines.append(HitLine(name, one, there.name, there.timezone, here.get(one.folio), is_mute))
    return lines


def closed_days(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """«martes 1 de diciembre», «lunes 30 de noviembre, desde las 9:05 a.m.», or from one day to another."""
    first, last = appointment_day(starts_at, zone), appointment_day(ends_at - timedelta(minutes=1), zone)
    if starts_at.astimezone(ZoneInfo(zone)).time() != time():
        first = gettext(FROM_HOUR) % {"day": first, "hour": until_of(starts_at, zone)}
    return first if first.startswith(last) else f"{first} – {last}"


@router.get("")
async def closing_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """What to close, and the closures that aren't over with the answers that are missing."""
    choice = await supervised_choice(tx, actor, request)
    if choice.unit is None:
        return choose_page(request, browser, choice, PAGE)
    return await _page(request, browser, actor, tx, choice.unit)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    unit: Unit,
    form: EffectForm | None = None,
) -> Response:
    today = clock.today(unit.timezone)
    found = await closures.exceptions_of(tx, actor, unit.id, clock.now())
    agenda_notices.say_opened(request, found)
    waiting = {one.cause_id: one for one in await open_answers(tx, unit.id)}
    every = await schedules.schedules_of(tx, actor, unit.id)
    rows = [one for one in every if one.valid_to is None or one.valid_to >= today]
    return show(
        request,
        browser,
        "staff/closures.html",
        kinds=await room_kinds(tx, unit.id),
        errors=form.errors if form else None,
        unit=unit,
        typed=form.values if form else {"first": today.isoformat(), "last": today.isoformat(), "reason": "leave"},
        rooms=sorted({one.room for one in rows}),
        shifts={code: SHIFTS[code] for code in SHIFTS if any(one.shift == code for one in rows)},
        reasons=REASONS,
        closures=found,
        closed_days=closed_days,
        waiting=waiting,
        changed=[one for one in every if one.id in waiting],
        back=f"/ventanilla/jefatura?unidad={unit.id}",
    )


def _day(form: EffectForm, name: str) -> date | None:
    try:
        return iso_date(form.get(name))
    except ValueError:
        form.wrong(name, NO_DAY)
        return None


def _span(form: EffectForm, unit: Unit) -> ShiftSpan | None:
    """What was asked for; None when something is wrong, all of it noted at its fields."""
    room, shift = form.get("room"), form.get("shift")
    number = None
    try:
        number = whole_number(room, low=1, high=999) if room else None
    except ValueError:
        form.wrong("room", NO_ROOM)
    if shift and shift not in SHIFTS:
        form.wrong("shift", NO_SHIFT)
    first, last = _day(form, "first"), _day(form, "last")
    if first is not None and last is not None:
        for one in shift_closures.wrong_days(first, last, clock.today(unit.timezone)):
            form.wrong(one.field, one.message)
    reason = form.one_of("reason", REASONS, N_("Elija por qué."))
    if form.errors or first is None or last is None:
        return None
    return ShiftSpan(unit.id, number, shift or None, first, last, reason)


@router.post("/vista")
async def preview(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look) -> Response:
    """Whom it hits and where each would go. Nothing is done."""
    choice = await supervised_choice(tx, actor, request)
    if choice.unit is None:
        return choose_page(request, browser, choice, PAGE)
    return await _preview(request, browser, actor, tx, choice.unit, form)


async def _preview(
    request: Request, browser: BrowserSession, actor: Staff, tx: AsyncSession, unit: Unit, form: EffectForm
) -> Response:
    span = _span(form, unit)
    if span is None:
        return await _page(request, browser, actor, tx, unit, form)
    try:
        closed = await shift_closures.preview_closure(tx, actor, span)
    except (Invalid, RoomUnknown) as problem:
        _explain(form, problem)
        return await _page(request, browser, actor, tx, unit, form)
    return show(
        request,
        browser,
        "staff/closure_preview.html",
        kinds=await room_kinds(tx, unit.id),
        unit=unit,
        span=span,
        reasons=REASONS,
        closed=closed,
        draw_statuses=STATUSES,
        listed_before=len(closed.affected) - len({one.folio for one in closed.offers}),
        lines=await lines_of(tx, actor, unit, closed.offers),
        typed=form.values,
        shown=_facts(closed),
        now=clock.now(),
        back=f"{PAGE}?unidad={unit.id}",
    )


def _facts(closed: Closed) -> list[Any]:
    """What the preview shows: whom it hits, and where each would go."""
    return shift_closures.shown_by_closure(closed)


def _explain(form: EffectForm, problem: Invalid | RoomUnknown) -> None:
    for one in problem.fields if isinstance(problem, Invalid) else ():
        form.wrong(FIELDS.get(one.field, one.field), one.message)
    if not form.errors:
        form.wrong("room", f"{problem.heading()}. {problem.advice()}")


class _Changed(Exception):  # noqa: N818 # it isn't an error: what the preview showed holds no more
    """Takes back a closure that isn't what its page showed."""


@router.post("")
async def close(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Close it as the preview showed; when that has changed nothing is done, and the preview is shown again."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        form.holds([])
        return choose_page(request, browser, choice, PAGE)
    span = _span(form, unit)
    if span is None:
        form.holds([])
        return await _page(request, browser, actor, tx, unit, form)
    try:
        async with savepoint(tx):
            closed = await shift_closures.close_shift(tx, actor, span)
            if not form.holds(_facts(closed)):
                raise _Changed
    except _Changed:
        return await _preview(request, browser, actor, tx, unit, form)
    except (Invalid, RoomUnknown) as problem:
        form.holds([])
        _explain(form, problem)
        return await _page(request, browser, actor, tx, unit, form)
    return finish(request, browser, form, done(f"{PAGE}/{closed.id}", agenda_notices.CLOSED, version=0))


@router.post("/{closure_id}/abrir")
async def reopen(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, closure_id: UUID
) -> Response:
    """Take the closure back: appointments stand again, offers that are open are withdrawn."""
    closure = await closures.own_exception(tx, actor, closure_id, lock=True)
    form.require([closure.id])
    unit = await unit_by_id(tx, closure.unit_id)
    stand = await agenda_notices.stand_fields(tx, unit, await closures.reopen(tx, actor, closure_id))
    state = agenda_notices.opened_state(await closures.exceptions_of(tx, actor, unit.id, clock.now()))
    page = agenda_notices.after_reopening(unit, stand)
    return finish(request, browser, form, done(page, agenda_notices.OPENED, version=state))
