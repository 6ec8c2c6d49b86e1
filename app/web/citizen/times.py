"""Which day (C8) and at what time (C9): choosing a time keeps it for some minutes."""

from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import queries, service
from app.appointments.horizon import last_open_day
from app.appointments.problems import SlotTaken
from app.appointments.queries import FreeDay, FreeTime, LiveHold, Own, OwnAppointment
from app.appointments.rules import has_own_doctor, policy_of
from app.appointments.service import Place
from app.identity.access import LowCitizenWeb, Visit, VisitWeb
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.db import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date, iso_instant, whole_number
from app.kernel.problems import FieldError, NotFound, Problem
from app.kernel.terms import booking_terms
from app.places.models import Unit
from app.places.queries import unit_by_id
from app.registry.models import Person
from app.registry.queries import own_person
from app.web.citizen.journey import STEPS, Journey, Kept, answer, journey_of, keep_hold, shown
from app.web.effects import Effect
from app.web.forms import Typed
from app.web.rendering import go, show, start_again

router = APIRouter()

NOON = 12


class Scene:
    """What the pages of days and times are about: the person, the clinic, the service, the appointment to move."""

    def __init__(
        self,
        journey: Journey,
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


async def scene_of(tx: AsyncSession, actor: Citizen, journey: Journey) -> Scene:
    """Load what the journey is about, through the doors that check it is the actor's."""
    person = await own_person(tx, actor, journey.person)
    assert journey.unit is not None
    unit = await unit_by_id(tx, journey.unit)
    moving = await queries.own_appointment(tx, actor, journey.moving) if journey.moving else None
    busy = await queries.busy_times(tx, person.id, moving.id if moving else None)
    return Scene(journey, person, unit, moving, busy)


@router.get("/citas/dia")
async def day_page(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """C8: the days with free times, soonest first and chosen; a list, never a calendar that needs a program."""
    journey = journey_of(visit)
    if missing := journey.missing("day"):
        return go(request, visit, missing)
    return await _day_page(request, visit, tx, await scene_of(tx, actor, journey))


async def _free_days(tx: AsyncSession, scene: Scene) -> tuple[list[FreeDay], Problem | None]:
    """The days that can be had, with the time that is held for the person; why none can, where a rule says so."""
    found = await queries.free_days(
        tx,
        scene.unit.id,
        scene.service,
        own=scene.own,
        first=clock.today(scene.unit.timezone),
        last=last_open_day(scene.unit.timezone),
        earliest=scene.earliest,
    )
    held = await queries.live_hold(tx, scene.person.id, scene.service, scene.unit.id)
    if held is not None and held.on_date not in {one.day for one in found}:
        found = sorted([*found, FreeDay(held.on_date, 1, held.start_at, None)], key=lambda one: one.day)
    return await service.bookable_days(tx, scene.person.id, scene.unit.id, scene.service, found, moving=scene.moving_id)


async def _day_page(
    request: Request, visit: Visit, tx: AsyncSession, scene: Scene, form: Typed | None = None
) -> Response:
    days, refusal = await _free_days(tx, scene)
    nothing = None
    if not days:
        others = [] if scene.moving else await service.other_units(tx, scene.unit, scene.service)
        nothing = await queries.explain_unavailability(
            tx,
            scene.unit.id,
            scene.service,
            today=clock.today(scene.unit.timezone),
            last=last_open_day(scene.unit.timezone),
            others=[one.id for one in others],
        )
    known = {one.day.isoformat() for one in days}
    chosen = (
        visit.answers.get("day") if visit.answers.get("day") in known else (days[0].day.isoformat() if days else "")
    )
    return show(
        request,
        visit,
        "citizen/day.html",
        errors=form.errors if form else None,
        scene=scene,
        days=days,
        weeks_of=weeks_of,
        nothing=nothing,
        why_not=refusal,
        typed=form.values if form else {"day": chosen},
        chosen=iso_date(chosen) if chosen else None,
        shown=scene.shown("day"),
        back=scene.back,
    )


def weeks_of(days: list[FreeDay]) -> list[tuple[date, list[FreeDay]]]:
    """Days by the week they are in, each with its Monday, by which a week is named."""
    return [(monday, list(week)) for monday, week in groupby(days, _monday_of)]


def _monday_of(one: FreeDay) -> date:
    return one.day - timedelta(days=one.day.weekday())


@router.post("/citas/dia")
async def day_sent(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect) -> Response:
    """A day; whether it still has times is seen on the next page."""
    journey = journey_of(visit)
    if missing := journey.missing("day"):
        return start_again(request, visit, form, missing)
    scene = await scene_of(tx, actor, journey)
    chosen = form.parsed("day", _iso_day, N_("Elija un día."))
    if form.errors or not form.holds(scene.shown("day")):
        return await _day_page(request, visit, tx, scene, form)
    answer(visit, "day", chosen)
    return go(request, visit, STEPS["hold"])


def _iso_day(text: str) -> str:
    try:
        return iso_date(text).isoformat()
    except ValueError as error:
        raise ValueError(N_("Elija uno de los días de la lista.")) from error


@router.get("/citas/hora")
async def time_page(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """C9: the free times of the day, own room first, morning and afternoon apart."""
    journey = journey_of(visit)
    if missing := journey.missing("hold"):
        return go(request, visit, missing)
    return await show_times(request, visit, tx, await scene_of(tx, actor, journey))


async def show_times(
    request: Request,
    visit: Visit,
    tx: AsyncSession,
    scene: Scene,
    *,
    problem: Problem | None = None,
    errors: list[FieldError] | None = None,
) -> Response:
    """The page of times; with a problem, what happened and the nearest free times are said above them."""
    assert scene.journey.day is not None
    day = scene.journey.day
    held = await queries.live_hold(tx, scene.person.id, scene.service, scene.unit.id)
    times = await queries.free_times(
        tx,
        scene.unit.id,
        scene.service,
        day,
        own=scene.own,
        last=last_open_day(scene.unit.timezone),
        earliest=scene.earliest,
    )
    if held is not None and held.on_date == day:
        times = with_held(times, held, scene.own)
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
    own = Halves([time for time in times if time.is_mine and scene.own.room], scene.unit.timezone)
    other = Halves([time for time in times if time not in own.all], scene.unit.timezone)
    first = own if own.all else other
    return show(
        request,
        visit,
        "citizen/time.html",
        status=problem.status if problem else 200,
        errors=errors,
        anchors={"time": "morning" if first.morning else "afternoon"},
        problem=problem,
        alternatives=alternatives,
        scene=scene,
        day=day,
        own=own,
        other=other,
        held=held,
        minutes=booking_terms().hold_minutes,
        shown=scene.shown("hold"),
        back="/citas/dia",
    )


def with_held(times: list[FreeTime], held: LiveHold, own: Own) -> list[FreeTime]:
    """The times of a day with the one that is held for the person, which nobody else is offered."""
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
async def time_sent(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect) -> Response:
    """Keeps the time for the person while they look it over; if it was taken, offers the nearest."""
    journey = journey_of(visit)
    if missing := journey.missing("hold"):
        return start_again(request, visit, form, missing)
    scene = await scene_of(tx, actor, journey)
    chosen = _chosen(form)
    if chosen is None or not form.holds(scene.shown("hold")):
        return await show_times(request, visit, tx, scene, errors=form.errors)
    start_at, room = chosen
    place = Place(scene.unit.id, scene.service, room, start_at)
    try:
        done = await service.hold(
            tx, actor, scene.person.id, place, form.once(), moving=scene.moving.id if scene.moving else None
        )
    except NotFound:
        raise
    except Problem as problem:
        return await show_times(request, visit, tx, scene, problem=problem)
    held = done.value
    on_date = clock.local_day(start_at, scene.unit.timezone)
    answer(visit, "day", on_date.isoformat())
    keep_hold(visit, Kept(held.id, held.room, held.start_at, held.held_until))
    return go(request, visit, "/citas/revisar")


def _chosen(form: Typed) -> tuple[datetime, int] | None:
    """`2026-11-24T14:20:00+00:00|3`: an instant and a room."""
    text, _bar, room = form.required("time", N_("Elija una hora.")).partition("|")
    if form.errors:
        return None
    try:
        return iso_instant(text), whole_number(room, low=1, high=999)
    except ValueError:
        form.wrong("time", N_("Elija una de las horas de la lista."))
        return None
