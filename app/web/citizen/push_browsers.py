"""Notices in this browser: turn them on and off here, and the list of the browsers that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.identity.devices import device_id
from app.identity.service.accounts import account_of
from app.kernel.actor import Citizen
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, language
from app.kernel.problems import NotFound, Problem
from app.notifications import push_keys, push_subscriptions
from app.notifications.contacts import zone_of
from app.notifications.push_rules import MOST_SUBSCRIPTIONS, PushTarget, browser_name
from app.notifications.push_subscriptions import Listed, NewSubscription
from app.web.browser import BrowserSession, BrowserSessionWeb, LowCitizenWeb, remember_device
from app.web.effects import Effect, owner_of
from app.web.notices import notice
from app.web.portal_worker import has_worker
from app.web.rendering import already_done, finish, show

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/mi/navegadores")

PAGE = "/mi/navegadores"
DONE = {
    "encendido": N_("Listo: verá los avisos en este navegador."),
    "quitado": N_("Listo: ya no se muestran avisos ahí."),
}
DEVICES = {
    "phone": N_("Celular"),
    "tablet": N_("Tableta"),
    "computer": N_("Computadora"),
    "program": N_("Aplicación"),
}


@router.get("")
async def browsers_page(request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx) -> Response:
    """Where notices are on now. Turning them on takes scripts; turning them off doesn't."""
    return await _page(request, browser, actor, tx)


def _facts(listed: list[Listed]) -> list[object]:
    return [one.id for one in listed]


async def _page(
    request: Request, browser: BrowserSession, actor: Citizen, tx: AsyncSession, problem: Problem | None = None
) -> Response:
    listed = await push_subscriptions.list_of(tx, actor, browser.known_device)
    return show(
        request,
        browser,
        "citizen/push_browsers.html",
        status=problem.status if problem else 200,
        problem=problem,
        listed=listed,
        is_here=any(one.is_here for one in listed),
        devices=DEVICES,
        most=MOST_SUBSCRIPTIONS,
        key=(await push_keys.current_key(tx)).public_key if has_worker(request) else "",
        zone=await zone_of(tx, actor.person_id),
        done=DONE.get(notice(request, owner_of(browser), "listo")) if problem is None else None,
        shown=_facts(listed),
        back="/mi",
    )


@router.post("")
async def turned_on(
    request: Request, browser: BrowserSessionWeb, actor: LowCitizenWeb, tx: Tx, form: Effect
) -> Response:
    """This browser shows notices from now on; what it says of itself was filled in by a script."""
    listed = await push_subscriptions.list_of(tx, actor, browser.known_device)
    if not form.holds(_facts(listed)):
        return await _page(request, browser, actor, tx)
    given = NewSubscription(
        PushTarget(form.get("endpoint"), form.get("p256dh"), form.get("auth")),
        language(),
        browser_name(request.headers.get("user-agent", "")),
        browser.device,
        form.get("public_key"),
        await _device_cookie(tx, browser, actor),
    )
    try:
        async with savepoint(tx):
            await push_subscriptions.subscribe(tx, actor, given)
    except Problem as problem:
        return await _page(request, browser, actor, tx, problem)
    return finish(request, browser, form, f"{PAGE}?listo=encendido")


async def _device_cookie(tx: AsyncSession, browser: BrowserSession, actor: Citizen) -> str:
    """The cookie by which this browser is found again, made now if it lost it."""
    account = await account_of(tx, actor.person_id)
    if device_id(browser.known_device) is None and account is not None:
        remember_device(browser, account.curp)
    return browser.fresh_device or browser.known_device


@router.post("/{subscription_id}/quitar")
async def turned_off(
    request: Request,
    browser: BrowserSessionWeb,
    actor: LowCitizenWeb,
    tx: Tx,
    form: Effect,
    subscription_id: Annotated[UUID, Path()],
) -> Response:
    """That browser, this one or another, shows none from now on."""
    if not form.holds([subscription_id]):
        return await _page(request, browser, actor, tx)
    try:
        await push_subscriptions.end(tx, actor, subscription_id)
    except NotFound:
        return already_done(request, browser, PAGE)
    return finish(request, browser, form, f"{PAGE}?listo=quitado")
