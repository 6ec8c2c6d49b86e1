"""A follow-up appointment from the list of a consulting room: the nearest free times of the same room, one step."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from app.appointments.queries.own import OwnAppointment, own_appointment
from app.desk.queries.follow_up import Proposal, follow_up_times
from app.desk.service.follow_up import book_follow_up
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant
from app.kernel.problems import Problem
from app.registry.access_log import ViewContext, record_views
from app.registry.queries import find_person
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.folios import Folio
from app.web.rendering import finish, show
from app.web.staff.doctor_list import FOLLOW_UP, PAGE
from app.web.staff.header import HEADER, done

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix=f"{PAGE}/citas/{{folio:folio}}/{FOLLOW_UP}", dependencies=[RECORDS_VIEWS, HEADER])


@router.get("")
async def proposals_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, folio: Folio
) -> Response:
    """In one, two, four and eight weeks: the nearest free time of the room, near the same hour."""
    require(actor, Action.ATTEND_PEOPLE)
    return await _page(request, browser, actor, tx, await own_appointment(tx, actor, folio))


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    own: OwnAppointment,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    record_views(actor, ViewContext.DESK, {own.person_id: own.unit_id})
    found: list[Proposal] = []
    obstacle = None
    try:
        found = await follow_up_times(tx, actor, own)
    except Problem as refusal:
        obstacle = refusal
    return show(
        request,
        browser,
        "staff/follow_up.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        obstacle=obstacle,
        own=own,
        person=await find_person(tx, own.person_id),
        proposals=found,
        free=[one for one in found if one.start_at is not None],
        instant=lambda moment: moment.astimezone(UTC).isoformat(),
        typed=form.values if form else {},
        shown=[own.folio, own.status],
        anchors={"time": "time"},
        back=_list_of(own),
    )


def _list_of(own: OwnAppointment) -> str:
    """The list of the room on the day of the appointment."""
    return f"{PAGE}?{urlencode({'sala': own.room, 'dia': own.on_date.isoformat()})}"


@router.post("")
async def time_chosen(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Book it."""
    require(actor, Action.ATTEND_PEOPLE)
    own = await own_appointment(tx, actor, folio)
    chosen = form.required("time", N_("Elija un horario."))
    if not form.holds([own.folio, own.status]) or form.errors:
        return await _page(request, browser, actor, tx, own, form)
    try:
        moment = iso_instant(chosen)
    except ValueError:
        form.wrong("time", N_("Elija un horario."))
        return await _page(request, browser, actor, tx, own, form)
    try:
        async with savepoint(tx):
            made = await book_follow_up(tx, actor, folio, moment, form.idempotency_request())
    except Problem as problem:
        return await _page(request, browser, actor, tx, own, form, problem)
    return finish(request, browser, form, done(f"{_list_of(own)}&cita={made.folio}", FOLLOW_UP))
