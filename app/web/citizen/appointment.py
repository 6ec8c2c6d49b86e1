"""An appointment of mine or my family's: see, move or cancel it; and follow one by its folio."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Annotated

import segno
from fastapi import APIRouter, Path, Request, Response
from markupsafe import Markup

from app.appointments import rules
from app.appointments.problems import NotYourUnit
from app.appointments.queries.live import appointment_version
from app.appointments.queries.own import OwnAppointment, follow, history, own_appointment
from app.appointments.rules import Action
from app.appointments.service import answers, feedback, reschedule
from app.catalog.queries import service_version
from app.identity.service.attempts import counted_lookup
from app.kernel import clock
from app.kernel.actor import System, doer_of
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.http.sse import StateMessage
from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant, whole_number
from app.kernel.problems import NotFound, Problem, TooManyRequests
from app.kernel.rate_limit_rules import Policy
from app.notifications.calendars import media_type_of
from app.notifications.queries import own_calendar
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import own_person
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.queries import case_file
from app.requests.queries import own as own_queries
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb, ensure_session
from app.web.citizen.booking_flow import clear, store_answer
from app.web.citizen.offered_times import HELD, OfferedTimes, chosen_time, offered_times
from app.web.effects import Effect
from app.web.forms import NotedForm, SubmittedForm
from app.web.labels import CANCEL_REASONS
from app.web.passes import STATE, has_pass, state_of
from app.web.rendering import already_done, finish, redirect, refused, safe_svg, show, whom

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(dependencies=[RECORDS_VIEWS])
following = APIRouter()

Folio = Annotated[str, Path(max_length=20)]
MAX_FOLLOWED = 5
UNIT_CLOSED = "unit"
"""Why an appointment is affected when its whole unit is out of operation: there is no other time to move it to."""
LEFT_BEHIND = N_("Cambió de clínica: cancele esta cita y pida otra en la suya.")
REQUEST_PREFIX = "R"
FOLLOWING = Policy("follow-source", free=30, first_wait=5, longest_wait=600, leak=120, most=10_000)
SCORES = {"1", "2", "3", "4", "5"}
# Who would have telephoned, or let it be, would not have gone; who doesn't know says nothing.
WOULD_HAVE_VISITED = {"in-person": True, "phone": False, "nothing": False}


@router.get("/citas/{folio}")
async def appointment_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """When, where, what happened so far, and what can be done."""
    own = await own_appointment(tx, actor, folio)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    return await _appointment(request, browser, tx, own, name=whom(browser, await own_person(tx, actor, own.person_id)))


async def _appointment(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    own: OwnAppointment,
    *,
    name: str = "",
    problem: Problem | None = None,
    form: SubmittedForm | None = None,
) -> Response:
    offered = await offered_times(tx, own) if name else None
    ahead = own.status == rules.Status.BOOKED and (own.start_at > clock.now() or offered is not None)
    late = _too_late(browser, own) if name and ahead else None
    actions = rules.actions_for(own.status, "citizen") if name and ahead and late is None else []
    answer = show(
        request,
        browser,
        "citizen/appointment.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        own=own,
        offered=offered if late is None else None,
        typed=form.values if form else {},
        name=name,
        late=late if problem is None else None,
        ahead=ahead,
        can_move=Action.MOVE in actions and own.affected != UNIT_CLOSED and not own.is_left_behind,
        can_cancel=Action.CANCEL in actions,
        history=await history(tx, own.id),
        qr=qr_of(own.folio),
        thanks=browser.answers.get("thanked") == own.folio,
        shown=_facts(own, offered),
        live=StateMessage.of_version(await appointment_version(tx, own)).id if name else None,
        asks_opinion=clock.now() - own.changed_at <= rules.FEEDBACK_FOR,
        back="/mi" if name else "/folio",
        has_pass=bool(name) and browser.served is None and has_pass(own, clock.now()),
    )
    if name:
        answer.headers[STATE] = state_of(own, clock.now())
    return answer


def _facts(own: OwnAppointment, offered: OfferedTimes | None) -> list[object]:
    """What the page shows: the appointment's version, and the time that is held instead."""
    return [own.folio, own.version, *(offered.facts if offered else ())]


@router.post("/citas/{folio}/oferta")
async def offer_answered(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """One step: the held time is accepted, or another that the page names is taken."""
    own = await own_appointment(tx, actor, folio)
    name = whom(browser, await own_person(tx, actor, own.person_id))
    offered = await offered_times(tx, own)
    chosen = form.required("time", N_("Elija un horario."))
    if offered is None and not form.holds(_facts(own, None)):
        if _is_at(own, form.get("held_at") if chosen == HELD else chosen.partition("@")[2]):
            return already_done(request, browser, f"/citas/{own.folio}")
        return await _appointment(request, browser, tx, own, name=name, form=form)
    if not form.holds(_facts(own, offered)) or form.errors:
        return await _appointment(request, browser, tx, own, name=name, form=form)
    once = form.idempotency_request()
    try:
        async with savepoint(tx):
            if chosen == HELD:
                made = (await answers.accept(tx, actor, folio, once, version=own.version)).value
            else:
                to = chosen_time(chosen)
                made = (await reschedule.move(tx, actor, folio, to, once, version=own.version)).value
    except ValueError:
        form.wrong("time", N_("Elija un horario."))
        return await _appointment(request, browser, tx, own, name=name, form=form)
    except Problem as problem:
        return await _appointment(request, browser, tx, own, name=name, problem=problem, form=form)
    return finish(request, browser, form, f"/citas/{made.folio}")


def _is_at(own: OwnAppointment, moment: str) -> bool:
    """Whether the appointment is at the time that a form asked for."""
    try:
        return own.status == rules.Status.BOOKED and own.start_at == iso_instant(moment)
    except ValueError:
        return False


def may_change_now(browser: BrowserSession, own: OwnAppointment) -> bool:
    """Whether moving or cancelling may be offered: neither is when the rule would refuse it."""
    is_open = own.start_at > clock.now() or own.affected is not None
    return own.status == rules.Status.BOOKED and is_open and _too_late(browser, own) is None


def _too_late(browser: BrowserSession, own: OwnAppointment) -> Problem | None:
    """Why it can't be changed here any more: said on the page, rather than offered and refused. Staff who act for the
    person can change it until it begins."""
    who = "staff" if browser.served is not None else "citizen"
    try:
        reschedule.require_changeable(own, Action.CANCEL, who, clock.now())
    except Problem as problem:
        return problem
    return None


@router.get("/citas/{folio}/cita.ics")
async def appointment_calendar(_visit: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio) -> Response:
    """The appointment for the person's own calendar, as it is now; of a cancelled one, what removes it there."""
    own = await own_appointment(tx, actor, folio)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    file = await own_calendar(tx, actor, own)
    headers = {"Content-Disposition": f'attachment; filename="cita-{own.folio}.ics"'}
    return Response(file, media_type=media_type_of(file), headers=headers)


@router.post("/citas/{folio}/mover")
async def start_moving(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """On to choose a new day; the appointment stays as it is until the new time is confirmed."""
    own = await own_appointment(tx, actor, folio)
    try:
        form.require(_facts(own, await offered_times(tx, own)))
        reschedule.require_changeable(own, Action.MOVE, doer_of(actor).kind, clock.now())
        if own.is_left_behind:
            raise NotYourUnit(next_step=LEFT_BEHIND)
    except Problem as problem:
        name = whom(browser, await own_person(tx, actor, own.person_id))
        return await _appointment(request, browser, tx, own, name=name, problem=problem)
    clear(browser)
    store_answer(browser, "person", str(own.person_id))
    store_answer(browser, "service", own.service)
    store_answer(browser, "unit", str(own.unit_id))
    browser.remember(moving=own.folio)
    return redirect(request, browser, "/citas/dia")


@router.get("/citas/{folio}/cancelar")
async def cancel_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, folio: Folio
) -> Response:
    """Asks why, and offers to move instead."""
    own = await own_appointment(tx, actor, folio)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    if not may_change_now(browser, own):
        return redirect(request, browser, f"/citas/{own.folio}")  # which says why
    return _cancel_page(request, browser, own)


def _cancel_page(
    request: Request,
    browser: BrowserSession,
    own: OwnAppointment,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    return show(
        request,
        browser,
        "citizen/cancel.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        own=own,
        typed=form.values if form else {},
        shown=[own.folio, own.version],
        back=f"/citas/{own.folio}",
    )


@router.post("/citas/{folio}/cancelar")
async def cancel_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """The second tap: the appointment is off."""
    own = await own_appointment(tx, actor, folio)
    reason = form.one_of("reason", CANCEL_REASONS, N_("Elija por qué la cancela."))
    if own.status == rules.Status.CANCELLED and not form.holds([own.folio, own.version]):
        return already_done(request, browser, f"/citas/{own.folio}")
    if form.errors or not form.holds([own.folio, own.version]):
        return _cancel_page(request, browser, own, form)
    try:
        await reschedule.cancel(tx, actor, folio, reason, form.idempotency_request(), version=own.version)
    except Problem as problem:
        return _cancel_page(request, browser, own, form, problem)
    browser.remember(thanked=None)
    return finish(request, browser, form, f"/citas/{own.folio}")


@router.post("/citas/{folio}/opinion")
async def opinion_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Two questions at the end, and back to the page they were on; leaving them empty is fine."""
    own = await own_appointment(tx, actor, folio)
    if not form.holds(_facts(own, await offered_times(tx, own))):
        return await _appointment(
            request, browser, tx, own, name=(await own_person(tx, actor, own.person_id)).full_name
        )
    score = form.get("satisfaction")
    satisfaction = whole_number(score) if score in SCORES else None
    would_visit = WOULD_HAVE_VISITED.get(form.get("would_have_done"))
    await feedback.give_feedback(tx, actor, own.folio, would_have_visited=would_visit, satisfaction=satisfaction)
    browser.remember(thanked=own.folio)
    is_new = own.status == rules.Status.BOOKED and browser.answers.get("folio") == own.folio
    return redirect(request, browser, "/citas/listo" if is_new else f"/citas/{own.folio}")


@following.get("/folio")
async def folio_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """Folio and birth date; no account needed."""
    return show(request, browser, "citizen/folio.html", typed={}, back="/", private=False)


@following.post("/folio")
async def folio_sent(
    request: Request, browser: BrowserSessionWeb, actor: AnonymousWeb, tx: Tx, form: NotedForm
) -> Response:
    """If the two belong together, on to the folio's page; pairs that don't are counted by source."""
    folio = form.required("folio", N_("Escriba el folio de su cita."))
    born = form.birth_date("birth")
    if not form.errors and born is not None:
        try:
            async with counted_lookup(FOLLOWING, actor):
                found = await _follow(tx, folio, born)
        except NotFound:
            form.wrong("folio", N_("No encontramos una cita o un trámite con ese folio y esa fecha de nacimiento."))
        except TooManyRequests as problem:
            return refused(form, "folio", problem, lambda: _folio_again(request, browser, form))
        else:
            await ensure_session(tx, browser)
            followed = [found, *browser.answers.get("followed", [])][:MAX_FOLLOWED]
            browser.remember(followed=followed)
            return redirect(request, browser, f"/folio/{found}")
    return _folio_again(request, browser, form)


def _folio_again(request: Request, browser: BrowserSession, form: SubmittedForm) -> Response:
    anchors = {"birth": "birth-day"}
    return show(
        request, browser, "citizen/folio.html", errors=form.errors, anchors=anchors, typed=form.values, back="/"
    )


async def _follow(tx: AsyncSession, folio: str, born: date) -> str:
    """The canonical folio of an appointment or a request of someone born that day.

    Raises:
        NotFound: no such pair.
    """
    if folio.strip()[:1].upper() == REQUEST_PREFIX:
        return (await own_queries.track(tx, folio, born)).folio
    return (await follow(tx, folio, born)).folio


@following.get("/folio/{folio}")
async def followed_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, folio: Folio
) -> Response:
    """How an appointment goes, for who gave its folio and birth date in this visit. Without names."""
    if folio not in browser.answers.get("followed", []):
        return redirect(request, browser, "/folio")
    try:
        if folio.startswith(REQUEST_PREFIX):
            return await _followed_request(request, browser, tx, folio)
        own = await own_appointment(tx, System("follow"), folio)
    except NotFound:
        return redirect(request, browser, "/folio")
    return await _appointment(request, browser, tx, own)


async def _followed_request(request: Request, browser: BrowserSession, tx: AsyncSession, folio: str) -> Response:
    """Where a request is and when it is due; no names, answers or reasons."""
    row = await own_queries.own_request(tx, System("follow"), folio)
    return show(
        request,
        browser,
        "requests/followed.html",
        row=row,
        service=await service_version(tx, row.service, row.service_version),
        history=await case_file.history_of(tx, row.id),
        zone=await zone_of(tx, row.unit_id),
        back="/folio",
    )


def qr_of(folio: str) -> Markup:
    """The folio as a QR code: an SVG of about a kilobyte, black on white, with its quiet zone."""
    made = segno.make(folio, error="m", micro=False)
    out = io.BytesIO()
    made.save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return safe_svg(out.getvalue().decode())
