"""Whom a closure or a changed schedule hit: who has answered, who hasn't, whom to ring; and the answers that staff
record."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.appointments.queries.own import own_appointment
from app.appointments.queries.rebooking import AffectedPerson, counts, people_of_closure
from app.appointments.rebooking import ReplyStatus
from app.appointments.service import answers, reschedule
from app.appointments.service.answers import lock_offer
from app.appointments.service.shift_closures import cause_of
from app.desk.queries.tickets import here_by_folio
from app.kernel import clock
from app.kernel.actor import Channel, Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import Problem
from app.places.queries import room_kinds, unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.reachability import unreachable
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.citizen.offered_times import HELD, OfferedTimes, chosen_time, offered_times
from app.web.effects import Effect
from app.web.folios import Folio
from app.web.forms import SubmittedForm
from app.web.rendering import finish, show
from app.web.staff.agenda_notices import say_closed
from app.web.staff.header import HEADER, done
from app.web.staff.shift_closing import PAGE, REASONS, closed_days

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=PAGE, dependencies=[RECORDS_VIEWS, HEADER])

NO_ANSWER, CANCEL = "no-answer", "cancel"
"""In a form, beside the times: no one answered the telephone; the person wants no appointment."""
CALLED = N_("Elija qué contestó.")


@router.get("/{closure_id}")
async def people_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, closure_id: UUID
) -> Response:
    """By the original time: first those to ring, with their telephone, then those awaited, then the answers."""
    closure = await cause_of(tx, actor, closure_id)
    unit = await unit_by_id(tx, closure.unit_id)
    people = await people_of_closure(tx, closure_id)
    record_views(actor, ViewContext.APPOINTMENT, dict.fromkeys({one.person_id for one in people}, unit.id))
    mute = await unreachable(tx, {one.person_id for one in people}, clock.today(unit.timezone))
    say_closed(request, people, mute)
    groups: dict[ReplyStatus, list[AffectedPerson]] = {status: [] for status in ReplyStatus}
    for one in people:
        groups[one.reply_status(mute)].append(one)
    return show(
        request,
        browser,
        "staff/closure_people.html",
        kinds=await room_kinds(tx, unit.id),
        closure=closure,
        closed_days=closed_days,
        unit=unit,
        reasons=REASONS,
        groups=groups,
        counts=counts(people, mute),
        mute=mute,
        here=await here_by_folio(tx, actor, unit.id),
        shown=[closure.id],
        back=f"{PAGE}?unidad={unit.id}",
    )


@router.get("/{closure_id}/{folio:folio}")
async def answer_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, closure_id: UUID, folio: Folio
) -> Response:
    """One person: the telephone, what is offered, and what they may answer."""
    return await _answer(request, browser, actor, tx, closure_id, folio)


async def _answer(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    closure_id: UUID,
    folio: str,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    closure = await cause_of(tx, actor, closure_id)
    own = await own_appointment(tx, actor, folio)
    person = next((one for one in await people_of_closure(tx, closure_id) if one.folio == own.folio), None)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    offered = await offered_times(tx, own)
    return show(
        request,
        browser,
        "staff/closure_answer.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        closure=closure,
        own=own,
        person=person,
        offered=offered,
        typed=form.values if form else {},
        shown=_facts(own.folio, own.version, offered),
        back=f"{PAGE}/{closure_id}",
    )


def _facts(folio: str, version: int, offered: OfferedTimes | None) -> list[object]:
    return [folio, version, *((*offered.facts, offered.offer.calls) if offered else ())]


@router.post("/{closure_id}/{folio:folio}")
async def answer_recorded(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, closure_id: UUID, folio: Folio
) -> Response:
    """What the person said on the telephone: a time, none at all, or they didn't answer."""
    await cause_of(tx, actor, closure_id)
    own = await own_appointment(tx, actor, folio)
    await lock_offer(tx, own)
    own = await own_appointment(tx, actor, folio)
    chosen = form.required("answer", CALLED)
    if not form.holds(_facts(own.folio, own.version, await offered_times(tx, own))) or form.errors:
        return await _answer(request, browser, actor, tx, closure_id, folio, form)
    caller = Staff(actor.staff_id, actor.role, actor.unit_ids, Channel.PHONE, actor.session_id)
    once = form.idempotency_request()
    try:
        async with savepoint(tx):
            if chosen == NO_ANSWER:
                await answers.record_call(tx, caller, folio)
            elif chosen == CANCEL:
                await reschedule.cancel(tx, caller, folio, "other", once, version=own.version)
            elif chosen == HELD:
                await answers.accept(tx, caller, folio, once, version=own.version)
            else:
                await reschedule.move(tx, caller, folio, chosen_time(chosen), once, version=own.version)
    except ValueError:
        form.wrong("answer", CALLED)
        return await _answer(request, browser, actor, tx, closure_id, folio, form)
    except Problem as problem:
        return await _answer(request, browser, actor, tx, closure_id, folio, form, problem)
    return finish(request, browser, form, done(f"{PAGE}/{closure_id}", "respuesta"))
