"""Fair release: its published rule, the public page that proves a draw, registering for one, and a registration."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.queries import draws as reads
from app.appointments.queries.draws import DrawView, RegistrationView
from app.appointments.release_problems import AlreadyRegistered
from app.appointments.service import draw_registrations
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem, Stale
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import family_of, own_person
from app.registry.reachability import unreachable
from app.registry.view_recording import RECORDS_VIEWS
from app.web.assisted_paths import ASSISTED
from app.web.browser import AnonymousWeb, BrowserSession, BrowserSessionWeb, LowCitizenWeb
from app.web.effects import Effect
from app.web.form_problems import PageChanged
from app.web.forms import SubmittedForm
from app.web.rendering import already_done, finish, show, whom

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

public = APIRouter()
router = APIRouter(dependencies=[RECORDS_VIEWS])

DRAW_PAGE, REGISTER_PAGE, REGISTRATION_PAGE = "/sorteos", "/citas/sorteos", "/citas/registros"


@public.get("/reparto")
async def rules_page(request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb) -> Response:
    """In waves or by draw, and how each seat's wave is found. Anyone may read it."""
    return show(request, browser, "citizen/release_rules.html", back="/", private=False)


@public.get(DRAW_PAGE + "/{draw_id}")
async def draw_page(
    request: Request, browser: BrowserSessionWeb, _actor: AnonymousWeb, tx: Tx, draw_id: UUID
) -> Response:
    """What proves a draw: the digest, and then the seed and the order of the codes. Anyone may read it."""
    draw = await reads.draw_view(tx, draw_id)
    order = await reads.drawn_order(tx, draw)
    return show(request, browser, "citizen/draw.html", draw=draw, order=order, back="/", private=False)


def _facts(draw: DrawView) -> list[object]:
    """What the page shows of a draw: counts apart, which go up while it is read."""
    return ["draw", draw.id, draw.closes_at, draw.public_at, draw.status]


@router.get(REGISTER_PAGE + "/{draw_id}")
async def register_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, draw_id: UUID
) -> Response:
    """What is drawn, how good the odds are, and for whom."""
    return await _register_page(request, browser, actor, tx, await reads.draw_view(tx, draw_id))


async def _register_page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    draw: DrawView,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    family = await family_of(tx, actor)
    record_views(actor, ViewContext.APPOINTMENT, {one.person.id: draw.unit_id for one in family})
    known = await reads.registrations_of(tx, [one.person.id for one in family])
    registered = {str(one.person_id): one for one in known if one.draw_id == draw.id and not one.is_cancelled}
    others = [one.person.id for one in family if str(one.person.id) not in registered]
    refusals = await _refusals(tx, actor, draw, others)
    if problem is None and refusals and len(refusals) == len(family):
        problem = next(iter(refusals.values()))
    return show(
        request,
        browser,
        "citizen/draw_register.html",
        status=problem.status if problem and form else 200,
        errors=form.errors if form else None,
        problem=problem,
        draw=draw,
        is_open=draw.is_open(clock.now()),
        people={str(one.person.id): whom(browser, one.person) for one in family},
        registered=registered,
        refusals={} if problem else {str(one): refusal for one, refusal in refusals.items()},
        choices=[str(one) for one in others if one not in refusals],
        has_registered=isinstance(problem, AlreadyRegistered),
        is_mute=await _is_mute(request, tx, draw, actor.person_id),
        typed=form.values if form else {"person": str(actor.person_id)},
        shown=_facts(draw),
        back="/citas/dia",
    )


async def _refusals(tx: AsyncSession, actor: Citizen, draw: DrawView, people: list[UUID]) -> dict[UUID, Problem]:
    """Whom of these a rule refuses, before anything is pressed."""
    found: dict[UUID, Problem] = {}
    for person_id in people if draw.is_open(clock.now()) else ():
        try:
            await draw_registrations.require_may_register(tx, actor, person_id, draw)
        except Problem as problem:
            found[person_id] = problem
    return found


async def _is_mute(request: Request, tx: AsyncSession, draw: DrawView, person_id: UUID) -> bool:
    """Whether staff act for a person whom no message reaches."""
    if request.scope["state"].get(ASSISTED) is None:
        return False
    return bool(await unreachable(tx, [person_id], clock.today(draw.timezone)))


@router.post(REGISTER_PAGE + "/{draw_id}")
async def register_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, draw_id: UUID
) -> Response:
    """Registered, once."""
    draw = await reads.draw_view(tx, draw_id)
    family = {str(one.person.id): one.person.id for one in await family_of(tx, actor)}
    person = form.one_of("person", {name: name for name in family}, N_("Elija para quién es."))
    if not form.holds(_facts(draw)) or form.errors:
        return await _register_page(request, browser, actor, tx, draw, form)
    try:
        async with savepoint(tx):
            made = await draw_registrations.register(tx, actor, draw.id, family[person])
    except NotFound:
        raise
    except Problem as problem:
        return await _register_page(request, browser, actor, tx, draw, form, problem)
    return finish(request, browser, form, f"{REGISTRATION_PAGE}/{made.id}")


@router.get(REGISTRATION_PAGE + "/{registration_id}")
async def registration_page(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, registration_id: UUID
) -> Response:
    """The code, the odds or the position, what became of it, and how to cancel it."""
    return await _registration_page(
        request, browser, actor, tx, await reads.registration_view(tx, actor, registration_id)
    )


def _shown(one: RegistrationView) -> list[object]:
    return [one.id, one.version, one.result]


async def _registration_page(
    request: Request,
    browser: BrowserSession,
    actor: Citizen,
    tx: AsyncSession,
    one: RegistrationView,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    record_views(actor, ViewContext.APPOINTMENT, {one.person_id: one.unit_id})
    person = await own_person(tx, actor, one.person_id)
    draw = await reads.draw_view(tx, one.draw_id)
    return show(
        request,
        browser,
        "citizen/draw_registration.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        one=one,
        draw=draw,
        is_mute=await _is_mute(request, tx, draw, one.person_id),
        name=whom(browser, person),
        has_before=await reads.appointment_before(tx, draw.id, one.person_id) if one.can_be_cancelled else None,
        shown=_shown(one),
        back="/mi/avisos",
    )


@router.post(REGISTRATION_PAGE + "/{registration_id}")
async def registration_sent(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect, registration_id: UUID
) -> Response:
    """Cancelled."""
    one = await reads.registration_view(tx, actor, registration_id)
    here = f"{REGISTRATION_PAGE}/{one.id}"
    if not form.holds(_shown(one)):
        if one.is_cancelled:
            return already_done(request, browser, here)
        return await _registration_page(request, browser, actor, tx, one, form)
    try:
        async with savepoint(tx):
            await draw_registrations.cancel(tx, actor, one.id, version=one.version)
    except NotFound:
        raise
    except Problem as problem:
        now = await reads.registration_view(tx, actor, registration_id)
        if now.is_cancelled:
            return already_done(request, browser, here)
        if isinstance(problem, Stale):
            form.refuse(PageChanged())
            return await _registration_page(request, browser, actor, tx, now, form)
        return await _registration_page(request, browser, actor, tx, now, form, problem)
    return finish(request, browser, form, here)
