"""Assignment on a request's page: claim, renew, release, assign, transfer."""

from fastapi import APIRouter, Request, Response

from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.problems import NotFound, Problem
from app.registry.view_recording import RECORDS_VIEWS
from app.requests.problems import ClaimNotHeld
from app.requests.queries import own, people
from app.requests.service import claims
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, Look
from app.web.folios import Folio
from app.web.rendering import already_done, redirect
from app.web.staff.case import SEARCH, do, holds_case, show_case
from app.web.staff.header import HEADER, done
from app.web.staff.queue import case_address, view_of

router = APIRouter(prefix="/ventanilla/solicitudes/{folio:folio}", dependencies=[RECORDS_VIEWS, HEADER])


@router.post("/tomar")
async def claimed(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Take this one."""
    work = await people.work_of(tx, await own.own_request(tx, actor, folio, lock=True))
    is_mine = work is not None and work.holder_id == actor.staff_id and not work.has_lapsed
    if is_mine and not await holds_case(tx, actor, folio, form):
        return already_done(request, browser, case_address(folio, view_of(form)))
    change = lambda: claims.claim_one(tx, actor, folio)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "tomada")


@router.post("/sigo")
async def heartbeat_sent(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look, folio: Folio
) -> Response:
    """Send a heartbeat: renew the lease, and keep the page as typed."""
    queue = view_of(form)
    try:
        await claims.heartbeat(tx, actor, folio)
    except ClaimNotHeld as lost:
        problem: Problem = lost
        try:
            claims.require_undecided(await own.own_request(tx, actor, folio), actor)
        except Problem as decided:
            problem = decided
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form, problem=problem)
    return await show_case(request, browser, actor, tx, folio, queue=queue, form=form)


@router.post("/soltar")
async def released(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """Back to the queue."""
    change = lambda: claims.release(tx, actor, folio)  # noqa: E731
    return await do(request, browser, actor, tx, folio, form, change, "devuelta")


@router.post("/asignar")
async def assigned(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """To a colleague."""
    to = form.chosen_id("staff_id", N_("Elija a quién."))

    async def assign() -> None:
        if to is not None:
            await claims.assign(tx, actor, folio, to)

    return await do(request, browser, actor, tx, folio, form, assign, "asignada", "staff_id")


@router.post("/enviar/buscar")
async def units_searched(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Look, folio: Folio
) -> Response:
    """The units with these words in their name, CLUES or municipality; nothing is sent."""
    form.required(SEARCH, N_("Escriba parte del nombre de la unidad."))
    return await show_case(request, browser, actor, tx, folio, queue=view_of(form), form=form)


@router.post("/enviar")
async def transferred(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, folio: Folio
) -> Response:
    """To another unit; the sender may not see it any more."""
    queue = view_of(form)
    unit_id = form.chosen_id("unit_id", N_("Busque la unidad por su nombre y elíjala."))
    if not await holds_case(tx, actor, folio, form) or unit_id is None:
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form)
    try:
        async with savepoint(tx):
            await claims.transfer(tx, actor, folio, unit_id)
    except NotFound:
        form.wrong("unit_id", N_("Esa unidad no existe: búsquela otra vez."))
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form)
    except Problem as problem:
        return await show_case(request, browser, actor, tx, folio, queue=queue, form=form, problem=problem)
    return redirect(request, browser, done(queue.address(), "enviada", folio, to=unit_id))
