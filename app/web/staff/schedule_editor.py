"""Edit a room's weekly pattern, or give it one: a preview shows what changes and whom it hits, before it is applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments import problems
from app.appointments.labels import SERVICES, SPECIALTIES, service_name
from app.appointments.rules import LATER, SPECIALIST_PREFIX, Pattern
from app.appointments.service import schedules, shift_closures
from app.appointments.service.schedules import Changed
from app.appointments.settings import booking_settings
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import clock_end, clock_time, iso_date, whole_number
from app.kernel.problems import Invalid, Problem, Stale
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm, Look
from app.web.labels import SHIFTS
from app.web.rendering import finish, show
from app.web.staff import agenda_notices, release_form
from app.web.staff.header import HEADER, done
from app.web.staff.release_fairness import STATUSES
from app.web.staff.shift_closing import lines_of
from app.web.staff.unit_choice import choose_page, supervised_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.appointments.models import Schedule
    from app.places.models import Unit

router = APIRouter(prefix="/ventanilla/jefatura/agendas", dependencies=[RECORDS_VIEWS, HEADER])

PAGE = "/ventanilla/jefatura/agendas"
WEEKDAYS = range(1, 8)
NO_HOUR = N_("Escriba la hora, por ejemplo 08:00 o 2:30 p.m.")
NO_DAY = N_("Escriba un día que exista.")
BETWEEN = N_("Escriba un número de %(low)s a %(high)s.")
LIMITS = {"room": (1, 999), "slot_minutes": (5, 240), "capacity": (1, 100)}
NO_CHANGE = N_("La agenda ya es así: no hay nada que cambiar.")
IN_ORDER = N_("La hora de cierre debe ser después de la de inicio.")
REFUSALS = (
    Invalid,
    Stale,
    problems.RoomUnknown,
    problems.ScheduleEmpty,
    problems.ScheduleEnded,
    problems.ScheduleInPast,
    problems.ScheduleOverlaps,
    problems.SeatsOverlap,
    problems.UnitNotOperating,
)


@router.get("")
async def schedules_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The weekly patterns in force and to come, by room."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, PAGE)
    today = clock.today(unit.timezone)
    rows = await schedules.schedules_of(tx, actor, unit.id)
    await agenda_notices.say_changed(request, tx, unit, rows)
    return show(
        request,
        browser,
        "staff/schedules.html",
        unit=unit,
        schedules=[one for one in rows if one.valid_to is None or one.valid_to >= today],
        release_words=release_form.KINDS,
        release_of=release_form.kind_of,
        back=f"/ventanilla/jefatura?unidad={unit.id}",
    )


@router.get("/nueva")
async def new_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """A weekly pattern for a room."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, f"{PAGE}/nueva")
    return _form(request, browser, unit, None)


@router.post("/nueva/vista")
async def preview_new(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look) -> Response:
    """How many times it would give. Nothing is done."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        return choose_page(request, browser, choice, f"{PAGE}/nueva")
    return await _preview(request, browser, actor, tx, unit, None, form)


@router.post("/nueva")
async def open_new(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """As the preview showed, or nothing."""
    choice = await supervised_choice(tx, actor, request)
    unit = choice.unit
    if unit is None:
        form.holds([])
        return choose_page(request, browser, choice, f"{PAGE}/nueva")
    return await _apply(request, browser, actor, tx, unit, None, form)


@router.get("/{schedule_id}")
async def edit_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, schedule_id: UUID
) -> Response:
    """Days, hours, length, places, service, last day."""
    schedule = await schedules.own_schedule(tx, actor, schedule_id)
    return _form(request, browser, await unit_by_id(tx, schedule.unit_id), schedule)


@router.post("/{schedule_id}/vista")
async def preview(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look, schedule_id: UUID
) -> Response:
    """What changes and whom it hits. Nothing is done."""
    schedule = await schedules.own_schedule(tx, actor, schedule_id)
    return await _preview(request, browser, actor, tx, await unit_by_id(tx, schedule.unit_id), schedule, form)


@router.post("/{schedule_id}")
async def change(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, schedule_id: UUID
) -> Response:
    """As the preview showed, or nothing."""
    schedule = await schedules.own_schedule(tx, actor, schedule_id)
    return await _apply(request, browser, actor, tx, await unit_by_id(tx, schedule.unit_id), schedule, form)


def _services() -> dict[str, str]:
    keys = [*SERVICES, *(SPECIALIST_PREFIX + one for one in SPECIALTIES)]
    return {key: service_name(key) for key in keys}


def _form(
    request: Request,
    browser: BrowserSession,
    unit: Unit,
    schedule: Schedule | None,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    return show(
        request,
        browser,
        "staff/schedule.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        unit=unit,
        schedule=schedule,
        typed=form.values if form else _typed(schedule, unit),
        days=form.getlist("weekdays") if form else _days(schedule),
        services=_services(),
        shifts=SHIFTS,
        weekdays=WEEKDAYS,
        releases=release_form.RELEASES,
        moments=release_form.MOMENTS,
        wave_rows=release_form.rows_of(form.values if form else _typed(schedule, unit)),
        anchors={"weekdays": "weekdays-1"},
        back=f"{PAGE}?unidad={unit.id}",
    )


def _days(schedule: Schedule | None) -> list[str]:
    return [str(day) for day in (schedule.weekdays if schedule else WEEKDAYS[:5])]


def _typed(schedule: Schedule | None, unit: Unit) -> dict[str, str]:
    release = release_form.typed_release(schedule.release if schedule else None)
    if schedule is None:
        return release | {
            "starts": "08:00",
            "ends": "14:00",
            "slot_minutes": "15",
            "capacity": "1",
            "service": "family-medicine",
            "shift": "M",
            "valid_from": clock.today(unit.timezone).isoformat(),
        }
    return release | {
        "starts": f"{schedule.starts:%H:%M}",
        "ends": f"{schedule.ends:%H:%M}" if schedule.ends != time.min else "24:00",
        "slot_minutes": str(schedule.slot_minutes),
        "capacity": str(schedule.capacity),
        "service": schedule.service,
        "shift": schedule.shift,
        "valid_to": schedule.valid_to.isoformat() if schedule.valid_to else "",
        "version": str(schedule.version),
    }


def _noted(form: EffectForm, name: str, read: Callable[[str], Any], message: str) -> Any:
    """The field as it is read; None where it can't be, noted beside it."""
    try:
        return read(form.get(name))
    except ValueError:
        form.wrong(name, message)
        return None


def _last_day(text: str) -> date | None:
    return iso_date(text) if text else None


def _pattern(form: EffectForm, *, is_new: bool) -> dict[str, Any] | None:
    """The pattern as typed; None when something is wrong, noted at its field."""
    days = sorted({whole_number(one) for one in form.getlist("weekdays") if one in map(str, WEEKDAYS)})
    if not days:
        form.wrong("weekdays", N_("Elija al menos un día."))
    found: dict[str, Any] = {
        "weekdays": days,
        "starts": _noted(form, "starts", clock_time, NO_HOUR),
        "ends": _noted(form, "ends", clock_end, NO_HOUR),
        "service": form.one_of("service", _services(), N_("Elija el servicio.")),
        "shift": form.one_of("shift", SHIFTS, N_("Elija el turno.")),
        "valid_to": _noted(form, "valid_to", _last_day, NO_DAY),
        "release": release_form.read_release(form),
    }
    numbers = ("slot_minutes", "capacity", *(("room",) if is_new else ()))
    for name in numbers:
        low, high = LIMITS[name]
        wrong = gettext(BETWEEN) % {"low": low, "high": high}
        found[name] = _noted(form, name, partial(whole_number, low=low, high=high), wrong)
    if is_new:
        found["valid_from"] = _noted(form, "valid_from", iso_date, NO_DAY)
    if not form.errors:
        starts, ends = Pattern.minutes(found["starts"], found["ends"])
        if ends <= starts:
            form.wrong("ends", IN_ORDER)
    if is_new and not form.errors and found["valid_to"] and found["valid_to"] < found["valid_from"]:
        form.wrong("valid_to", LATER)
    return None if form.errors else found


async def _make(
    tx: AsyncSession, actor: Staff, unit: Unit, schedule_id: UUID | None, given: Mapping[str, Any], version: int | None
) -> Changed:
    horizon = booking_settings().horizon_days
    if schedule_id is None:
        return await schedules.open_pattern(tx, actor, unit.id, given, horizon_days=horizon)
    return await schedules.correct_schedule(
        tx, actor, schedule_id, given, version=version, horizon_days=horizon, offers_times=True
    )


def _version(form: EffectForm, schedule: Schedule | None) -> int | None:
    if schedule is None:
        return None
    try:
        return whole_number(form.get("version"))
    except ValueError as error:
        raise Stale from error


def _facts(outcome: Changed) -> list[Any]:
    """What the preview shows: times removed and added, whom it hits, where each would go, and who gets theirs back."""
    return shift_closures.shown_by_change(outcome)


async def _preview(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    unit: Unit,
    schedule: Schedule | None,
    form: EffectForm,
) -> Response:
    given = _pattern(form, is_new=schedule is None)
    if given is None:
        return _form(request, browser, unit, schedule, form)
    schedule_id = schedule.id if schedule else None
    try:
        version = _version(form, schedule)
        outcome = await shift_closures.rolled_back(tx, lambda: _make(tx, actor, unit, schedule_id, given, version))
    except problems.RoomUnknown as unknown:
        form.wrong("room", unknown.sentence())
        return _form(request, browser, unit, schedule, form)
    except REFUSALS as problem:
        if schedule is not None:
            await tx.refresh(schedule)
        for one in problem.fields if isinstance(problem, Invalid) else ():
            form.wrong(release_form.field_of(one.field), one.message)
        return _form(request, browser, unit, schedule, form, None if form.errors else problem)
    if schedule is not None:
        await tx.refresh(schedule)
        if all(getattr(schedule, name) == value for name, value in given.items()):
            form.wrong("service", NO_CHANGE)
            return _form(request, browser, unit, schedule, form)
    stand = await agenda_notices.stand_lines(tx, unit, outcome.reinstated)
    record_views(actor, ViewContext.APPOINTMENT, dict.fromkeys({line.one.person_id for line in stand}, unit.id))
    return show(
        request,
        browser,
        "staff/schedule_preview.html",
        room=schedule.room if schedule else given["room"],
        unit=unit,
        schedule_id=schedule_id,
        given=given,
        release=release_form.kind_of(given["release"]),
        release_words=release_form.KINDS,
        moments=release_form.MOMENTS,
        draw_statuses=STATUSES,
        released=release_form.released_days(given, outcome.schedule.valid_from, unit.timezone, is_new=schedule is None),
        outcome=outcome,
        lines=await lines_of(tx, actor, unit, outcome.offers),
        stand=stand,
        typed=form.values,
        days=form.getlist("weekdays"),
        shown=_facts(outcome),
        now=clock.now(),
        back=f"{PAGE}?unidad={unit.id}",
    )


class _Changed(Exception):  # noqa: N818 # it isn't an error: what the preview showed holds no more
    """Takes back a change that isn't what its page showed."""


async def _apply(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    unit: Unit,
    schedule: Schedule | None,
    form: EffectForm,
) -> Response:
    given = _pattern(form, is_new=schedule is None)
    if given is None:
        form.holds([])
        return _form(request, browser, unit, schedule, form)
    schedule_id = schedule.id if schedule else None
    try:
        version = _version(form, schedule)
        async with savepoint(tx):
            outcome = await _make(tx, actor, unit, schedule_id, given, version)
            if not form.holds(_facts(outcome)):
                raise _Changed
    except _Changed:
        if schedule is not None:
            await tx.refresh(schedule)
        return await _preview(request, browser, actor, tx, unit, schedule, form)
    except REFUSALS as problem:
        form.holds([])
        if schedule is not None:
            await tx.refresh(schedule)
        return _form(request, browser, unit, schedule, form, problem)
    page = await agenda_notices.after_change(tx, PAGE, unit, outcome)
    return finish(request, browser, form, done(page, agenda_notices.CHANGED, version=outcome.schedule.version))
