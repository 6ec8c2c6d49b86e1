"""Who may file requests for me: give consent to an account by its CURP, for services and a time; take it back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.catalog.loader import load_services
from app.identity.problems import OwnCurp, TooManyMandates
from app.identity.service import mandates
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import whole_number
from app.registry.identifiers import parse_curp
from app.registry.queries import own_person, today_of
from app.web.browser import BrowserSession, BrowserSessionWeb, CitizenWeb
from app.web.effects import Effect
from app.web.forms import SubmittedForm
from app.web.rendering import redirect, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.identity.models import Mandate

router = APIRouter(prefix="/mi/permisos")

LENGTHS = {"30": N_("30 días"), "180": N_("6 meses"), "365": N_("1 año")}


def consent_shown(one: Mandate) -> list[object]:
    """What is revoked: a consent as the page lists it."""
    return [one.id, sorted(one.services), one.ends_on, one.revoked_at]


@router.get("")
async def consents_page(request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx) -> Response:
    """Those given, and a form for another."""
    return await _page(request, browser, actor, tx)


async def _page(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, form: SubmittedForm | None = None
) -> Response:
    return show(
        request,
        browser,
        "requests/consents.html",
        errors=form.errors if form else None,
        consent_shown=consent_shown,
        given=await mandates.mandates_of(tx, actor),
        services={one.id: one for one in load_services().values() if "mandate" in one.on_behalf},
        lengths=LENGTHS,
        today=await today_of(tx, await own_person(tx, actor)),
        typed=form.values if form else {"days": "30"},
        shown=[],
        ticked=form.getlist("services") if form else [],
        back="/mi",
    )


@router.post("")
async def consent_given(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, form: Effect
) -> Response:
    """From today on."""
    curp = form.parsed("curp", parse_curp, N_("Escriba la CURP de esa persona."))
    days = form.one_of("days", LENGTHS, N_("Elija por cuánto tiempo."))
    allowed = {one.id for one in load_services().values() if "mandate" in one.on_behalf}
    services = [name for name in form.getlist("services") if name in allowed]
    if not services:
        form.wrong("services", N_("Elija al menos un trámite."))
    if not form.errors and form.holds([]):
        today = await today_of(tx, await own_person(tx, actor))
        try:
            async with savepoint(tx):
                await mandates.grant_mandate(
                    tx,
                    actor,
                    delegate_curp=curp,
                    services=services,
                    starts_on=today,
                    ends_on=today + timedelta(days=whole_number(days)),
                )
            return redirect(request, browser, "/mi/permisos")
        except OwnCurp:
            form.wrong("curp", N_("Esa CURP es la suya: escriba la de la otra persona."))
        except TooManyMandates as problem:
            form.wrong("curp", problem.sentence())
    return await _page(request, browser, actor, tx, form)


@router.post("/{mandate_id}/quitar")
async def consent_revoked(
    request: Request, browser: BrowserSessionWeb, actor: CitizenWeb, tx: Tx, form: Effect, mandate_id: UUID
) -> Response:
    """From now on they see and do nothing for me."""
    one = next((one for one in await mandates.mandates_of(tx, actor) if one.id == mandate_id), None)
    if one is not None and not form.holds(consent_shown(one)):
        return await _page(request, browser, actor, tx)
    await mandates.revoke_mandate(tx, actor, mandate_id)
    return redirect(request, browser, "/mi/permisos")
