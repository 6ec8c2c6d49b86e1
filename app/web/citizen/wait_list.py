"""The wait list: «Avíseme si se libera un horario antes», from the days of booking or an appointment; my entries, with
what is offered to them and the odds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.appointments.queries.draws import registrations_of
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.appointments.queries.wait_list import EntryView, entries_of, entry_of, odds_at, odds_of_entries
from app.appointments.rules import has_own_doctor
from app.appointments.service import wait_answers, wait_entries
from app.appointments.service.wait_entries import Asked
from app.appointments.wait_list import EndReason, Wish
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem, Stale
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of, own_person
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.citizen.booking_flow import booking_flow_of
from app.web.effects import Effect, owner_of
from app.web.form_problems import PageChanged
from app.web.forms import SubmittedForm
from app.web.notices import notice
from app.web.rendering import already_done, finish, redirect, show, start_again, whom

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit
    from app.registry.models import Person

router = APIRouter(dependencies=[RECORDS_VIEWS])
mine = APIRouter(dependencies=[RECORDS_VIEWS])

ASK_PAGE, ENTRY_PAGE, LIST_PAGE = "/citas/aviso", "/citas/avisos", "/mi/avisos"
WEEKDAYS = range(1, 8)
SHIFTS = ["any", "M", "V", "N"]
NOTICES = {"2": 2, "12": 12, "24": 24, "48": 48, "72": 72}
USUAL = {f"weekday-{number}": "1" for number in WEEKDAYS} | {"shift": "any", "notice": "24"}
HOUR = timedelta(hours=1)

FolioQuery = Annotated[str, Query(alias="cita", max_length=20)]


@mine.get("/lista-de-espera")
async def rules_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """The published rule: in which order freed times are offered. Anyone may read it."""
    return show(request, browser, "citizen/wait_rules.html", back="/", private=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is waited for, before it is asked: the person, the clinic, the service, the appointment they have."""

    person: Person
    unit: Unit
    service: str
    own: OwnAppointment | None

    @property
    def own_room(self) -> int | None:
        """The room of the person's own doctor, where there is one."""
        is_theirs = self.person.unit_id == self.unit.id and has_own_doctor(self.service)
        return self.person.room if is_theirs else None

    @property
    def facts(self) -> list[object]:
        """What the page shows."""
        return ["wait", self.person.id, self.unit.id, self.service, self.own.version if self.own else None]


async def _wanted(tx: AsyncSession, actor: Citizen, browser: BrowserSession, folio: str) -> Wanted | None:
    """From the appointment of a folio, or from the answers of booking; None where these are missing."""
    if folio:
        own = await own_appointment(tx, actor, folio)
        return Wanted(await own_person(tx, actor, own.person_id), await unit_by_id(tx, own.unit_id), own.service, own)
    flow = booking_flow_of(browser)
    if flow.person is None or flow.service is None or flow.unit is None:
        return None
    moving = await own_appointment(tx, actor, flow.moving) if flow.moving else None
    return Wanted(await own_person(tx, actor, flow.person), await unit_by_id(tx, flow.unit), flow.service, moving)


@router.get(ASK_PAGE)
async def ask_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: FolioQuery = ""
) -> Response:
    """Which freed times the person would take, and how good the odds are."""
    wanted = await _wanted(tx, actor, browser, folio)
    if wanted is None:
        return redirect(request, browser, "/citas")
    record_views(actor, ViewContext.APPOINTMENT, {wanted.person.id: wanted.unit.id})
    return await _ask_page(request, browser, tx, wanted, SubmittedForm(dict(USUAL)))


async def _ask_page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    wanted: Wanted,
    form: SubmittedForm,
    problem: Problem | None = None,
) -> Response:
    return show(
        request,
        browser,
        "citizen/wait_ask.html",
        status=problem.status if problem else 200,
        errors=form.errors,
        problem=problem,
        wanted=wanted,
        name=whom(browser, wanted.person),
        room=wanted.own_room,
        odds=await odds_at(tx, wanted.unit.id, wanted.service),
        typed=form.values,
        shown=wanted.facts,
        back=f"/citas/{wanted.own.folio}" if wanted.own else "/citas/dia",
    )


@router.post(ASK_PAGE)
async def ask_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: FolioQuery = ""
) -> Response:
    """On the list, from now on."""
    wanted = await _wanted(tx, actor, browser, folio)
    if wanted is None:
        return start_again(request, browser, form, "/citas")
    wish = _wish(form, wanted.own_room)
    if not form.holds(wanted.facts) or wish is None:
        return await _ask_page(request, browser, tx, wanted, form)
    try:
        async with savepoint(tx):
            made = await wait_entries.add(tx, actor, Asked(wanted.person.id, wanted.unit.id, wanted.service), wish)
    except NotFound:
        raise
    except Problem as problem:
        return await _ask_page(request, browser, tx, wanted, form, problem)
    return finish(request, browser, form, f"{ENTRY_PAGE}/{made.id}")


def _wish(form: SubmittedForm, own_room: int | None) -> Wish | None:
    """The wish that a form says; None where something of it is wrong, which is noted."""
    days = frozenset(number for number in WEEKDAYS if form.get(f"weekday-{number}"))
    if not days:
        form.wrong("weekday-1", N_("Elija al menos un día."))
    shift = form.one_of("shift", SHIFTS, N_("Elija un turno."))
    notice = form.one_of("notice", {name: name for name in NOTICES}, N_("Elija con cuánta anticipación."))
    if form.errors:
        return None
    room = own_room if form.get("own-doctor") else None
    return Wish(days, None if shift == "any" else shift, NOTICES[notice] * HOUR, room)


@mine.get(LIST_PAGE)
async def list_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """My entries and my family's."""
    family = await family_of(tx, actor)
    entries = await entries_of(tx, [one.person.id for one in family])
    registrations = await registrations_of(tx, [one.person.id for one in family])
    shown = {one.person_id: one.unit_id for one in entries} | {one.person_id: one.unit_id for one in registrations}
    record_views(actor, ViewContext.APPOINTMENT, shown)
    return show(
        request,
        browser,
        "citizen/wait_list.html",
        registrations=registrations,
        entries=entries,
        odds=await odds_of_entries(tx, entries),
        names={one.person.id: whom(browser, one.person) for one in family},
        entry_page=ENTRY_PAGE,
        back="/mi",
    )


def _facts(entry: EntryView) -> list[object]:
    return [entry.id, entry.version, entry.status, entry.offer_id]


@router.get(ENTRY_PAGE + "/{entry_id}")
async def entry_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, entry_id: UUID
) -> Response:
    """One entry: its state, what is offered, the odds, and what can be changed."""
    return await _entry_page(request, browser, actor, tx, await entry_of(tx, actor, entry_id))


async def _entry_page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    entry: EntryView,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    record_views(actor, ViewContext.APPOINTMENT, {entry.person_id: entry.unit_id})
    person = await own_person(tx, actor, entry.person_id)
    unit = await unit_by_id(tx, entry.unit_id)
    is_change = form is not None and form.get("action") == "change"
    return show(
        request,
        browser,
        "citizen/wait_entry.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        entry=entry,
        name=whom(browser, person),
        room=Wanted(person, unit, entry.service, None).own_room,
        odds=await odds_at(tx, entry.unit_id, entry.service),
        typed=form.values if is_change and form else _typed(entry),
        is_open_form=is_change,
        saved=form is None and notice(request, owner_of(browser), "listo") == "1",
        here=f"{ENTRY_PAGE}/{entry.id}",
        shown=_facts(entry),
        back=LIST_PAGE,
    )


def _typed(entry: EntryView) -> dict[str, str]:
    notice = next((name for name, hours in NOTICES.items() if hours >= entry.notice_hours), "72")
    days = {f"weekday-{number}": "1" for number in entry.weekdays}
    doctor = {"own-doctor": "1"} if entry.room is not None else {}
    return days | doctor | {"shift": entry.shift or "any", "notice": notice}


@router.post(ENTRY_PAGE + "/{entry_id}")
async def entry_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, entry_id: UUID
) -> Response:
    """One button of the page: accept or decline what is offered, change the wish, resume, or leave."""
    entry = await entry_of(tx, actor, entry_id)
    here = f"{ENTRY_PAGE}/{entry.id}"
    action = form.get("action")
    if not form.holds(_facts(entry)):
        if _is_done(entry, action):
            return already_done(request, browser, here)
        return await _entry_page(request, browser, actor, tx, entry, form)
    try:
        async with savepoint(tx):
            path = await _act(tx, actor, entry, form, action)
    except NotFound:
        raise
    except Problem as problem:
        now = await entry_of(tx, actor, entry_id)
        if _is_done(now, action):
            return already_done(request, browser, here)
        if isinstance(problem, Stale):  # said as every page says it
            form.refuse(PageChanged())
            return await _entry_page(request, browser, actor, tx, now, form)
        return await _entry_page(request, browser, actor, tx, now, form, problem)
    if path is None:
        return await _entry_page(request, browser, actor, tx, entry, form)
    return finish(request, browser, form, path)


def _is_done(entry: EntryView, action: str) -> bool:
    """Whether what a button asks for is what was done meanwhile, at another device of the person's."""
    wanted = {"accept": EndReason.ACCEPTED, "leave": EndReason.LEFT}.get(action)
    return wanted is not None and entry.end_reason == wanted


async def _act(tx: AsyncSession, actor: Citizen, entry: EntryView, form: Effect, action: str) -> str | None:
    """Do what a button says; the path of the page that shows it, or None where the form is wrong."""
    here = f"{ENTRY_PAGE}/{entry.id}"
    if action in ("accept", "decline") and entry.offer_id is not None:
        if action == "decline":
            await wait_answers.decline(tx, actor, entry.offer_id)
            return here
        done = await wait_answers.accept(tx, actor, entry.offer_id, form.idempotency_request(), version=entry.version)
        return f"/citas/{done.value.folio}"
    if action == "resume":
        await wait_entries.resume(tx, actor, entry.id, version=entry.version)
    elif action == "leave":
        await wait_entries.leave(tx, actor, entry.id, version=entry.version)
    elif action == "change":
        person = await own_person(tx, actor, entry.person_id)
        wanted = Wanted(person, await unit_by_id(tx, entry.unit_id), entry.service, None)
        wish = _wish(form, wanted.own_room)
        if wish is None:
            return None
        await wait_entries.change(tx, actor, entry.id, wish, version=entry.version)
        return f"{here}?listo=1"
    else:
        return None
    return here
