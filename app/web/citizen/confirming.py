"""Look it over (C10) and done (C11): the appointment is made, or moved, by one button."""

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import queries, service
from app.appointments.horizon import last_open_day
from app.appointments.problems import HoldExpired, SlotTaken
from app.appointments.service.reschedule import NewTime
from app.identity import service as identity
from app.identity.access import LowCitizenWeb, Visit, VisitWeb
from app.kernel.db import Tx
from app.kernel.problems import Problem
from app.registry.queries import own_person
from app.web.citizen.appointment import may_change_now
from app.web.citizen.journey import STEPS, Journey, forget, journey_of, keep_hold
from app.web.citizen.pictures import qr_of
from app.web.citizen.times import Scene, scene_of, show_times
from app.web.effects import Effect
from app.web.rendering import go, show, start_again

router = APIRouter()

MASK_KEEPS = 2


@router.get("/citas/revisar")
async def review_page(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """Every answer with its way back, and until when the time is held: as the database has it now, however often the
    page is loaded. When it isn't held any more, the nearest free times are offered."""
    journey = journey_of(visit)
    if missing := _missing(visit, journey):
        return go(request, visit, missing)
    return await _review_now(request, visit, tx, await scene_of(tx, actor, journey))


async def _review_now(request: Request, visit: Visit, tx: AsyncSession, scene: Scene) -> Response:
    hold = scene.journey.hold
    assert hold is not None
    held = await queries.live_hold(tx, scene.person.id, scene.service, scene.unit.id)
    if held is None or held.id != hold.id:
        near = await queries.nearest_free(
            tx,
            scene.unit.id,
            scene.service,
            hold.start_at,
            scene.person.id,
            last=last_open_day(scene.unit.timezone),
        )
        keep_hold(visit, None)
        return await show_times(request, visit, tx, scene, problem=HoldExpired(extra={"alternatives": near}))
    return _review(request, visit, scene)


def _missing(visit: Visit, journey: Journey) -> str | None:
    missing = journey.missing("hold")
    if missing and "folio" in visit.answers and journey.person is None:
        return "/citas/listo"  # the button was pressed twice: it is done
    return missing or (STEPS["hold"] if journey.hold is None else None)


def _review(request: Request, visit: Visit, scene: Scene, problem: Problem | None = None) -> Response:
    return show(
        request,
        visit,
        "citizen/review.html",
        status=problem.status if problem else 200,
        problem=problem,
        scene=scene,
        hold=scene.journey.hold,
        shown=scene.shown(),
        back=STEPS["hold"],
    )


@router.post("/citas/revisar")
async def review_sent(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx, form: Effect) -> Response:
    """Makes the appointment, or moves it: the one that the page showed. If its time was let go meanwhile, the nearest
    are offered."""
    journey = journey_of(visit)
    if journey.missing("hold") or journey.hold is None:
        return start_again(request, visit, form, "/mi" if journey.person is None else _missing(visit, journey) or "/mi")
    scene = await scene_of(tx, actor, journey)
    hold = journey.hold
    if not form.holds(scene.shown()):
        return await _review_now(request, visit, tx, scene)
    try:
        if scene.moving is not None:
            to = NewTime(hold.room, hold.start_at)
            done = await service.move(tx, actor, scene.moving.folio, to, form.once(), version=scene.moving.version)
        else:
            done = await service.book(tx, actor, scene.person.id, hold.id, form.once())
    except (HoldExpired, SlotTaken) as problem:
        keep_hold(visit, None)
        return await show_times(request, visit, tx, scene, problem=problem)
    except Problem as problem:
        if problem.status == 404:
            raise
        return _review(request, visit, scene, problem)
    forget(visit)
    changed = scene.moving is not None and done.value.version > scene.moving.version
    visit.remember(folio=done.value.folio, was_moved=changed or None, thanked=None)
    return go(request, visit, "/citas/listo")


@router.get("/citas/listo")
async def done_page(request: Request, visit: VisitWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """C11: the folio, when, where, what to bring, and how to change it."""
    folio = visit.answers.get("folio")
    if folio is None:
        return go(request, visit, "/mi")
    own = await queries.own_appointment(tx, actor, folio)
    person = await own_person(tx, actor, own.person_id)
    account = await identity.account_of(tx, actor.person_id)
    return show(
        request,
        visit,
        "citizen/done.html",
        own=own,
        person=person,
        moved=visit.answers.get("was_moved", False),
        thanks=visit.answers.get("thanked") == own.folio,
        shown=[own.folio, own.version],
        can_change=may_change_now(own),
        sent_to=masked(account.email or account.phone) if account else None,
        qr=qr_of(own.folio),
    )


def masked(contact: str | None) -> str | None:
    """A contact as its owner recognises it and nobody else reads it: `an•••@ejemplo.mx`, `•••• 5678`."""
    if not contact:
        return None
    local, at, domain = contact.partition("@")
    return f"{local[:MASK_KEEPS]}•••@{domain}" if at else f"•••• {contact[-4:]}"
