"""Webhooks, for administrators: list, add, change. One webhook is in `webhook`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.identity.permissions import Action, require
from app.kernel.http.parameters import Tx
from app.kernel.problems import Invalid
from app.places.rules import DEFAULT_ZONE
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, show
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import clocks_of, leave_out_all
from app.webhooks import queries, service
from app.webhooks.catalogue import GROUPS
from app.webhooks.rules import MAX_CONTACT, MAX_NAME
from app.webhooks.service import NewSecret, Subscription

if TYPE_CHECKING:
    from app.webhooks.models import Webhook

PAGE = "/ventanilla/webhooks"

router = APIRouter(prefix=PAGE, dependencies=[HEADER])


@router.get("")
async def list_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Those that are enabled first, with what is pending and what was given up."""
    require(actor, Action.MANAGE_WEBHOOKS)
    leave_out_all(request)
    found = await queries.list_webhooks(tx, actor)
    counts = await queries.counts_of(tx, [one.id for one in found])
    return show(
        request,
        browser,
        "staff/webhooks.html",
        listed=[(one, counts[one.id]) for one in found],
        zone=DEFAULT_ZONE,
        clocks=clocks_of(actor, [DEFAULT_ZONE] if found else []),
        back="/ventanilla",
    )


@router.get("/nuevo")
async def add_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb) -> Response:
    """Name, contact, address, and which events."""
    require(actor, Action.MANAGE_WEBHOOKS)
    return _form(request, browser)


@router.post("/nuevo")
async def add(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the secret, this once; sent twice, the same one."""
    require(actor, Action.MANAGE_WEBHOOKS)
    if not form.holds([]):
        return _form(request, browser, form)
    try:
        made = await service.create(tx, actor, subscription_of(form))
    except Invalid as problem:
        form.errors.extend(problem.fields)
        return _form(request, browser, form)
    return show_secret(request, browser, made, is_new=True)


@router.get("/{webhook_id}/cambiar")
async def change_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, webhook_id: UUID
) -> Response:
    """The same fields as they are."""
    return _form(request, browser, webhook=await queries.find_webhook(tx, actor, webhook_id))


@router.post("/{webhook_id}/cambiar")
async def change(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """What is pending goes to the new address."""
    webhook = await service.locked_webhook(tx, actor, webhook_id)
    if not form.holds(facts_of(webhook)):
        return _form(request, browser, form, webhook)
    try:
        await service.change(tx, actor, webhook_id, subscription_of(form))
    except Invalid as problem:
        form.errors.extend(problem.fields)
        return _form(request, browser, form, webhook)
    return finish(request, browser, form, done(f"{PAGE}/{webhook_id}", "guardado"))


def facts_of(webhook: Webhook) -> list[object]:
    """Return what the forms of a webhook act on."""
    return [webhook.id, webhook.version]


def subscription_of(form: EffectForm) -> Subscription:
    """Return the fields as typed; what is wrong with them is the use case's to say."""
    name, contact = form.get("name")[:MAX_NAME], form.get("contact")[:MAX_CONTACT]
    return Subscription(" ".join(name.split()), contact, form.get("url"), tuple(form.getlist("types")))


def _form(
    request: Request, browser: BrowserSession, form: EffectForm | None = None, webhook: Webhook | None = None
) -> Response:
    typed: dict[str, object] = {"types": []}
    if form is not None:
        typed = {**form.values, "types": form.getlist("types")}
    elif webhook is not None:
        typed = {name: getattr(webhook, name) for name in ("name", "contact", "url", "types")}
    return show(
        request,
        browser,
        "staff/webhook_form.html",
        errors=form.errors if form else None,
        typed=typed,
        webhook=webhook,
        facts=facts_of(webhook) if webhook else [],
        groups=GROUPS,
        anchors={"types": "types-1"},
        back=f"{PAGE}/{webhook.id}" if webhook else PAGE,
    )


def show_secret(request: Request, browser: BrowserSession, made: NewSecret, *, is_new: bool) -> Response:
    """The page with a new secret, which is shown this once."""
    return show(
        request,
        browser,
        "staff/webhook_secret.html",
        webhook=made.webhook,
        secret=made.secret,
        is_new=is_new,
        zone=DEFAULT_ZONE,
        back=f"{PAGE}/{made.webhook.id}",
    )
