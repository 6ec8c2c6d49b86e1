"""One webhook, for administrators: how it is, what was sent, and what can be done with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import clock_time, iso_date
from app.kernel.problems import FieldError, Invalid, Problem
from app.places.rules import DEFAULT_ZONE
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, redirect, show
from app.web.staff.header import HEADER, done, outdate
from app.web.staff.list_query import ListQuery, clocks_of
from app.web.staff.webhooks import PAGE, facts_of, show_secret
from app.webhooks import queries, service
from app.webhooks.problems import WebhookIsDisabled
from app.webhooks.rules import DisabledBecause

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.kernel.actor import Staff
    from app.webhooks.models import Webhook

router = APIRouter(prefix=PAGE, dependencies=[HEADER])

ATTEMPTS = 50
NO_TIME = N_("Escriba día y hora.")
NOTHING_THEN = N_("En ese periodo no hubo nada que enviar.")
STATES = {
    DisabledBecause.STAFF: N_("Desactivado"),
    DisabledBecause.FAILING: N_("Desactivado: falló durante tres días"),
    DisabledBecause.REFUSED: N_("Desactivado: su dirección respondió que ya no existe"),
}
REASONS = {
    "url": N_("La dirección no se puede leer"),
    "scheme": N_("No es https"),
    "port": N_("El puerto no está permitido"),
    "address": N_("Es una dirección de una red privada"),
    "unknown-host": N_("El nombre no existe"),
    "connection": N_("No se pudo conectar"),
    "certificate": N_("El certificado no es válido"),
    "timeout": N_("No respondió a tiempo"),
    "protocol": N_("La respuesta se cortó o no es HTTP"),
}


@router.get("/{webhook_id}")
async def webhook_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, webhook_id: UUID
) -> Response:
    """Its state, its buttons and the latest attempts; older ones by pages."""
    asked = ListQuery(request)
    before = asked.parsed("antes", UUID)
    asked.done()
    return await _page(request, browser, actor, tx, webhook_id, before=before)


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    webhook_id: UUID,
    form: EffectForm | None = None,
    problem: Problem | None = None,
    before: UUID | None = None,
) -> Response:
    webhook = await queries.find_webhook(tx, actor, webhook_id)
    outdate(request, webhook.version)
    rows = await queries.list_attempts(tx, webhook_id, limit=ATTEMPTS + 1, after=before)
    counts = await queries.counts_of(tx, [webhook_id])
    return show(
        request,
        browser,
        "staff/webhook.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        typed=form.values if form else {},
        webhook=webhook,
        facts=facts_of(webhook),
        counts=counts[webhook_id],
        attempts=rows[:ATTEMPTS],
        older=rows[ATTEMPTS - 1].id if len(rows) > ATTEMPTS else None,
        states=STATES,
        reasons=REASONS,
        zone=DEFAULT_ZONE,
        clocks=clocks_of(actor, [DEFAULT_ZONE]),
        back=PAGE,
    )


async def _changed(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    form: EffectForm,
    webhook_id: UUID,
    change: Callable[[], Awaitable[object]],
    answer: Callable[[Any], Response],
) -> Response:
    """Make a change of the webhook that the form shows, and `answer` with what it made; otherwise its page again."""
    webhook = await service.locked_webhook(tx, actor, webhook_id)
    if not form.holds(facts_of(webhook)) or form.errors:
        return await _page(request, browser, actor, tx, webhook_id, form)
    try:
        async with savepoint(tx):
            made = await change()
    except Invalid as problem:
        form.errors.extend(problem.fields)
        return await _page(request, browser, actor, tx, webhook_id, form)
    except WebhookIsDisabled as problem:
        return await _page(request, browser, actor, tx, webhook_id, form, problem)
    return answer(made)


@router.post("/{webhook_id}/secreto")
async def rotate(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """Shows the new secret, this once; sent twice, the same one."""
    change = partial(service.rotate_secret, tx, actor, webhook_id)
    answer = partial(show_secret, request, browser, is_new=False)
    return await _changed(request, browser, actor, tx, form, webhook_id, change, answer)


@router.post("/{webhook_id}/desactivar")
async def disable(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """Nothing is sent any more."""
    change = partial(service.disable, tx, actor, webhook_id)
    answer = partial(_switched, request, browser, form, "webhook-desactivado")
    return await _changed(request, browser, actor, tx, form, webhook_id, change, answer)


@router.post("/{webhook_id}/activar")
async def enable(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """It gets the events from now on."""
    change = partial(service.enable, tx, actor, webhook_id)
    answer = partial(_switched, request, browser, form, "webhook-activado")
    return await _changed(request, browser, actor, tx, form, webhook_id, change, answer)


def _switched(request: Request, browser: BrowserSession, form: EffectForm, said: str, webhook: Webhook) -> Response:
    page = done(f"{PAGE}/{webhook.id}", said, version=webhook.version)
    return finish(request, browser, form, page)


@router.post("/{webhook_id}/prueba")
async def send_test(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """The worker sends it; the page shows what was answered once it is loaded again."""
    page = done(f"{PAGE}/{webhook_id}", "webhook-prueba")
    change = partial(service.send_test, tx, actor, webhook_id)
    return await _changed(
        request, browser, actor, tx, form, webhook_id, change, lambda _made: redirect(request, browser, page)
    )


@router.post("/{webhook_id}/reintentar")
async def retry(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """The events that used up their attempts."""
    page = done(f"{PAGE}/{webhook_id}", "webhook-reenvio")
    change = partial(service.retry_dead_letters, tx, actor, webhook_id)
    return await _changed(
        request, browser, actor, tx, form, webhook_id, change, lambda _made: redirect(request, browser, page)
    )


@router.post("/{webhook_id}/reenviar")
async def replay(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, webhook_id: UUID
) -> Response:
    """The events of a time, by the clock of central Mexico, with the ids they had."""
    since, until = _moment(form, "since"), _moment(form, "until")
    page = done(f"{PAGE}/{webhook_id}", "webhook-reenvio")

    async def change() -> None:
        assert since is not None, "noted as an error"
        assert until is not None, "noted as an error"
        if not await service.replay(tx, actor, webhook_id, since, until):
            raise Invalid(fields=[FieldError("since", NOTHING_THEN)])

    return await _changed(
        request, browser, actor, tx, form, webhook_id, change, lambda _made: redirect(request, browser, page)
    )


def _moment(form: EffectForm, name: str) -> datetime | None:
    """The instant of a field for day and hour, noting what is wrong with it."""
    text = form.required(name, NO_TIME)
    try:
        day, _between, hour = text.partition("T")
        return datetime.combine(iso_date(day), clock_time(hour), ZoneInfo(DEFAULT_ZONE)).astimezone(UTC)
    except ValueError:
        if text:
            form.wrong(name, NO_TIME)
        return None
