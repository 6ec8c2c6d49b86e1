"""The terms of a unit's queues, for its supervisors: published on the board, in force for who arrives from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.desk.service.queues import LIMITS, TERMS, change_terms, queues_of
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import whole_number
from app.kernel.problems import NotFound
from app.places.queries import unit_by_id
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, show
from app.web.staff.header import HEADER, done
from app.web.staff.unit_choice import choose_page, supervised_choice

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

router = APIRouter(prefix="/ventanilla/jefatura/filas", dependencies=[HEADER])
PAGE = "/ventanilla/jefatura/filas"
BETWEEN = N_("Escriba un número de %(low)s a %(high)s.")
Service = Annotated[str, Path(max_length=60)]


@router.get("")
async def own_queues_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The queues of the unit that the address names, or of the only one that the actor sets; else they choose."""
    choice = await supervised_choice(tx, actor, request)
    if choice.unit is None:
        return choose_page(request, browser, choice, PAGE)
    return await _page(request, browser, tx, actor, choice.unit)


@router.get("/{unit_id}")
async def queues_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, unit_id: UUID) -> Response:
    """Each queue with its letter and its terms."""
    return await _page(request, browser, tx, actor, await _managed(tx, actor, unit_id))


async def _managed(tx: AsyncSession, actor: Staff, unit_id: UUID) -> Unit:
    require(actor, Action.MANAGE_SCHEDULES)
    if not actor.works_at(unit_id):
        raise NotFound
    return await unit_by_id(tx, unit_id)


async def _page(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    actor: Staff,
    unit: Unit,
    form: EffectForm | None = None,
    service: str = "",
) -> Response:
    queues = await queues_of(tx, actor, unit.id)
    return show(
        request,
        browser,
        "staff/desk_queues.html",
        errors=form.errors if form else None,
        anchors={name: f"{service}-{name}" for name in TERMS},
        unit=unit,
        queues=queues,
        typed={service: form.values} if form else {},
        wrong_at=service,
        limits=LIMITS,
        at=f"{PAGE}/{unit.id}",
        back="/ventanilla/jefatura",
    )


@router.post("/{unit_id}/{service}")
async def terms_sent(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    unit_id: UUID,
    service: Service,
) -> Response:
    """Changes the terms of one queue."""
    unit = await _managed(tx, actor, unit_id)
    queue = next((one for one in await queues_of(tx, actor, unit_id) if one.service == service), None)
    if queue is None:
        raise NotFound
    terms = {name: _number(form, name) for name in TERMS}
    if not form.holds(str(unit_id), service, queue.version) or form.errors:
        return await _page(request, browser, tx, actor, unit, form, service)
    await change_terms(tx, actor, unit_id, service, terms, version=queue.version)
    return finish(request, browser, form, done(f"{PAGE}/{unit_id}", "guardado"))


def _number(form: EffectForm, name: str) -> int:
    low, high = LIMITS[name]
    limits: dict[str, Any] = {"low": low, "high": high}
    text = form.required(name, gettext(BETWEEN) % limits)
    try:
        return whole_number(text, low=low, high=high) if text else low
    except ValueError:
        form.wrong(name, gettext(BETWEEN) % limits)
        return low
