"""The day sheet: who has an appointment in a unit or room on a day, and who has come; printed, and usable offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from app.desk.queries.day_list import DayLine, day_list
from app.desk.queries.offline import OfflineView, offline_entries, queue_services
from app.desk.queries.queues import QueueTerms, queue_terms
from app.desk.rules.visits import missed_from
from app.desk.service.arrivals import take_number
from app.desk.service.attendance import record_attended, record_missed
from app.desk.service.check_in import check_in
from app.desk.service.offline import resolve_conflict
from app.desk.service.visits import WINDOW
from app.identity.permissions import Action, require
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date, whole_number
from app.kernel.problems import NotFound, Problem
from app.places.queries import room_kinds, unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb, work_cookie_name
from app.web.effects import Effect, EffectForm, owner_of
from app.web.form_problems import PageChanged
from app.web.notices import notice
from app.web.rendering import redirect, show
from app.web.staff.agenda_words import ATTENDANCE, DONE, KINDS, reason_of, script_texts
from app.web.staff.header import HEADER
from app.web.staff.list_query import ListQuery
from app.web.staff.unit_choice import FIELD, LONGEST, choose_page, unit_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

PAGE = "/ventanilla/agenda"
LABELS = {"consultorio": N_("Consultorio"), "dia": N_("Día"), "anotado": "", "turno": ""}
UNTIL = "Sheet-Until"
"""The header of a page that a device may store: until when."""
router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is asked for: a unit, a day there, and one of its rooms or all."""

    unit: Unit
    on_date: date
    room: int | None

    @property
    def is_today(self) -> bool:
        return self.on_date == clock.today(self.unit.timezone)

    @property
    def ends_at(self) -> datetime:
        """The end of the day at the unit: no device shows the sheet after it."""
        return datetime.combine(self.on_date + timedelta(days=1), time(), ZoneInfo(self.unit.timezone))

    def path(self, *, days: int = 0, anotado: str = "", turno: str = "") -> str:
        """The address of the sheet, or of that of another day; `anotado` and `turno`: what was done just now."""
        asked = {"unidad": str(self.unit.id), "dia": (self.on_date + timedelta(days=days)).isoformat()}
        asked |= {"consultorio": str(self.room)} if self.room is not None else {}
        asked |= {"anotado": anotado} if anotado else {}
        asked |= {"turno": turno} if turno else {}
        return f"{PAGE}?{urlencode(asked)}"


@router.get("")
async def sheet_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Today's sheet of where one works. What it shows is recorded as seen, also for who looks at it offline."""
    require(actor, Action.ATTEND_PEOPLE)
    asked = ListQuery(request, LABELS)
    asked.parsed(FIELD, str)
    room = asked.parsed("consultorio", lambda text: whole_number(text, low=1, high=999))
    on_date = asked.parsed("dia", iso_date)
    noted, number = notice(request, owner_of(browser), "anotado"), asked.parsed("turno", str) or ""
    asked.done()
    choice = await unit_choice(tx, actor, Action.ATTEND_PEOPLE, request.query_params.get(FIELD))
    if choice.unit is None:
        return choose_page(request, browser, choice, PAGE)
    unit = choice.unit
    sheet = Sheet(unit, on_date or clock.today(unit.timezone), room)
    return await _page(request, browser, actor, tx, sheet, may_choose=not choice.is_only, done=(noted, number))


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    sheet: Sheet,
    *,
    may_choose: bool = False,
    done: tuple[str, str] = ("", ""),
    problem: Problem | None = None,
) -> Response:
    lines = await day_list(tx, actor, sheet.unit.id, on_date=sheet.on_date)
    entries = await offline_entries(tx, actor, sheet.unit.id, on_date=sheet.on_date)
    shown = [line for line in lines if sheet.room is None or line.room == sheet.room]
    people = [line.person_id for line in shown] + [one.person_id for one in entries if one.person_id is not None]
    record_views(actor, ViewContext.DESK, dict.fromkeys(people, sheet.unit.id))
    terms = await queue_terms(tx, actor, sheet.unit.id)
    services = dict.fromkeys([*await queue_services(tx, sheet.unit.id), *(line.service for line in lines)])
    answer = show(
        request,
        browser,
        "staff/agenda.html",
        room_kinds=await room_kinds(tx, sheet.unit.id),
        status=problem.status if problem else 200,
        problem=problem,
        sheet=sheet,
        may_choose=may_choose,
        names=[str(sheet.unit.id), sheet.unit.clues, request.query_params.get(FIELD, "")[:LONGEST]],
        lines=shown,
        rooms=sorted({line.room for line in lines} | ({sheet.room} if sheet.room is not None else set())),
        services=list(services) or [WINDOW],
        conflicts=[(one, reason_of(one.reason)) for one in entries if one.is_open],
        merged=[one for one in entries if _is_other_number(one)],
        attendance=ATTENDANCE,
        kinds=KINDS,
        state_of=state_of,
        done=DONE.get(done[0], ""),
        number=done[1],
        texts=script_texts(),
        owner=owner_of(browser),
        work_cookie=work_cookie_name(),
        printed_at=clock.now(),
        missed_from={
            line.folio: missed_from(line.start_at, terms.get(line.service, QueueTerms()).tolerance) for line in shown
        },
        back="/ventanilla",
    )
    if sheet.is_today and problem is None and not done[0]:
        answer.headers[UNTIL] = sheet.ends_at.isoformat()
    return answer


def _is_other_number(entry: OfflineView) -> bool:
    """Whether a number was given to a person who is called by another."""
    return entry.status == "merged" and entry.number is not None and entry.number != entry.ticket_number


def state_of(line: DayLine) -> str:
    """What a line shows of a person, as a word that its buttons send back."""
    return f"{line.status}/{line.ticket_number or ''}/{line.ticket_status or ''}"


@router.post("/anotar")
async def noted(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """What a button of a line says, or a number for someone without an appointment; for browsers without the script."""
    require(actor, Action.ATTEND_PEOPLE)
    sheet = await _sheet_of(tx, actor, form)
    kind, _space, rest = form.get("do").partition(" ")
    folio, _space, seen = rest.partition(" ")
    problem: Problem | None = None
    if form.holds(str(sheet.unit.id), sheet.on_date.isoformat()) and kind in DONE:
        try:
            async with savepoint(tx):
                number = await _note(tx, actor, sheet, form, (kind, folio, seen))
            return redirect(request, browser, sheet.path(anotado=kind, turno=number))
        except Problem as refusal:
            problem = form.failure = refusal
    return await _page(request, browser, actor, tx, sheet, problem=problem)


async def _note(tx: AsyncSession, actor: Staff, sheet: Sheet, form: EffectForm, sent: tuple[str, str, str]) -> str:
    """Record what a button says; returns the number that was given."""
    kind, folio, seen = sent
    if kind == "number":
        service, is_protected = form.get("service"), bool(form.get("is_protected"))
        return (await take_number(tx, actor, sheet.unit.id, service, is_protected=is_protected)).number
    lines = {line.folio: line for line in await day_list(tx, actor, sheet.unit.id, on_date=sheet.on_date)}
    if folio not in lines:
        raise NotFound
    if state_of(lines[folio]) != seen:
        raise PageChanged
    if kind == "check-in":
        return (await check_in(tx, actor, sheet.unit.id, folio)).number
    await (record_attended if kind == "attended" else record_missed)(tx, actor, folio)
    return ""


async def _sheet_of(tx: AsyncSession, actor: Staff, form: EffectForm) -> Sheet:
    """The sheet on which a form stood.

    Raises:
        NotFound: no such unit among the actor's, or no such day.
    """
    try:
        unit_id, on_date = UUID(form.get("unidad")), iso_date(form.get("dia"))
        room = whole_number(form.get("consultorio"), low=1, high=999) if form.get("consultorio") else None
    except ValueError as error:
        raise NotFound from error
    if not actor.works_at(unit_id):
        raise NotFound
    return Sheet(await unit_by_id(tx, unit_id), on_date, room)


@router.post("/conflictos/{entry_id}")
async def conflict_resolved(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, entry_id: UUID
) -> Response:
    """Someone dealt with what couldn't be merged."""
    require(actor, Action.ATTEND_PEOPLE)
    sheet = await _sheet_of(tx, actor, form)
    form.require(str(entry_id))
    await resolve_conflict(tx, actor, sheet.unit.id, entry_id)
    return redirect(request, browser, sheet.path(anotado="resolved"))
