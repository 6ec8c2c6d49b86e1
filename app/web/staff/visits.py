"""Book a window appointment as a step of a request: choose a free slot at the unit, tell the citizen what to bring."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from app.appointments.horizon import last_open_day
from app.appointments.queries import availability
from app.desk.service import visits as desk
from app.desk.service.visits import WINDOW, WindowTime
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_instant, whole_number
from app.kernel.problems import Problem
from app.places.queries import unit_by_id
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.problems import WrongState
from app.requests.queries import own, people
from app.requests.service import visits
from app.requests.service.cases import Case
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect
from app.web.folios import Folio
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show
from app.web.staff.header import HEADER, done

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}/cita", dependencies=[RECORDS_VIEWS, HEADER])

SHOWN = 18


@router.get("")
async def times_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, folio: Folio) -> Response:
    """The next free times of the unit's windows."""
    case = await visits.require_visit_possible(tx, actor, folio)
    return await _times(request, browser, actor, tx, case)


async def _times(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    case: Case,
    form: SubmittedForm | None = None,
    problem: Problem | None = None,
) -> Response:
    unit_id = case.request.unit_id
    if unit_id is None:
        raise WrongState
    unit = await unit_by_id(tx, unit_id)
    record_views(actor, ViewContext.CASE, {case.request.person_id: unit_id})
    soon = clock.now() + timedelta(hours=1)
    found = await availability.nearest_free(
        tx, unit_id, WINDOW, soon, case.request.person_id, last=last_open_day(unit.timezone), count=SHOWN
    )
    bring = str(case.service.visit.bring) if case.service.visit else ""
    return show(
        request,
        browser,
        "staff/visit.html",
        is_unreached=bool(await people.unreachable_requests(tx, [case.request])),
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        row=case.request,
        service=case.service,
        unit=unit,
        times=[(one["room"], iso_instant(one["start_at"])) for one in found],
        typed=form.values if form else {"message": bring},
        shown=[case.request.folio, case.request.version],
        back=f"/ventanilla/solicitudes/{case.request.folio}",
    )


@router.post("")
async def time_chosen(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Appointment and request change together, or neither."""
    case = await visits.require_visit_possible(tx, actor, folio)
    message = form.required("message", N_("Escriba qué debe traer."))
    room, _sep, moment = form.required("time", N_("Elija un horario.")).partition("@")
    if form.holds([case.request.folio, case.request.version]) and not form.errors and case.request.unit_id is not None:
        try:
            at = WindowTime(case.request.unit_id, whole_number(room, low=1, high=999), iso_instant(moment))
            async with savepoint(tx):
                await desk.book_visit(tx, actor, folio, at, message, form.idempotency_request())
            version = (await own.own_request(tx, actor, folio)).version
            return redirect(request, browser, done(f"/ventanilla/solicitudes/{folio}", "cita", version=version))
        except ValueError:
            form.wrong("time", N_("Elija un horario."))
        except Problem as problem:
            return await _times(request, browser, actor, tx, case, form, problem)
    return await _times(request, browser, actor, tx, case, form)
