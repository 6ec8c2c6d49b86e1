"""Clients, for administrators: list, add, change, credentials, revoke."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.clients.problems import ClientIsRevoked, TooManyCredentials
from app.clients.service import clients, personal_tokens
from app.clients.service.clients import WRONG_KEY
from app.identity.permissions import Action, require
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import format_long_day
from app.kernel.problems import FieldError, Invalid, Problem
from app.places.queries import units_by_id
from app.places.rules import DEFAULT_ZONE
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, redirect, show
from app.web.staff.client_fields import SCOPE_NAMES, last_day, terms_of, typed_of
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import clocks_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.clients.models import ApiClient
    from app.kernel.actor import Staff

PAGE = "/ventanilla/programas"

router = APIRouter(prefix=PAGE, dependencies=[HEADER])


@router.get("")
async def list_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Clients that may call first; then everyone's personal tokens."""
    found = await clients.list_clients(tx, actor)
    return show(
        request,
        browser,
        "staff/clients.html",
        listed=found,
        tokens=await personal_tokens.all_tokens(tx, actor),
        scopes=SCOPE_NAMES,
        zone=DEFAULT_ZONE,
        clocks=clocks_of(actor, [DEFAULT_ZONE] if found else []),
        back="/ventanilla",
    )


@router.get("/nuevo")
async def add_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Name, contact, scopes, units, rate and end."""
    require(actor, Action.MANAGE_CLIENTS)
    return await _form(request, browser, tx)


@router.post("/nuevo")
async def add(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the secret, this once; sent twice, the same one."""
    require(actor, Action.MANAGE_CLIENTS)
    terms = await terms_of(tx, form)
    if not form.holds([]) or terms is None:
        return await _form(request, browser, tx, form)
    try:
        async with savepoint(tx):
            made = await clients.add_client(tx, actor, terms)
    except Invalid as problem:
        form.errors.extend(_at_fields(problem))
        return await _form(request, browser, tx, form)
    return _secret(request, browser, await clients.add_secret(tx, actor, made.id))


@router.get("/{client_id}")
async def client_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, client_id: UUID
) -> Response:
    """What it may read, its credentials, and what can be done."""
    return await _page(request, browser, actor, tx, client_id)


@router.get("/{client_id}/cambiar")
async def change_page(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, client_id: UUID
) -> Response:
    """The same fields as they are."""
    return await _form(request, browser, tx, client=await clients.find_client(tx, actor, client_id))


@router.post("/{client_id}/cambiar")
async def change(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, client_id: UUID
) -> Response:
    """From its next call on."""
    client = await clients.find_client(tx, actor, client_id, lock=True)
    terms = await terms_of(tx, form)
    if not form.holds(_facts(client)) or terms is None:
        return await _form(request, browser, tx, form, client)
    try:
        async with savepoint(tx):
            await clients.change_client(tx, actor, client_id, terms)
    except Invalid as problem:
        form.errors.extend(_at_fields(problem))
        return await _form(request, browser, tx, form, client)
    except ClientIsRevoked as problem:
        return await _page(request, browser, actor, tx, client_id, form, problem)
    return finish(request, browser, form, done(f"{PAGE}/{client_id}", "guardado"))


@router.post("/{client_id}/secreto")
async def add_secret(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, client_id: UUID
) -> Response:
    """Shows the new secret, this once; sent twice, the same one."""
    client = await clients.find_client(tx, actor, client_id, lock=True)
    if not form.holds(_facts(client)):
        return await _page(request, browser, actor, tx, client_id, form)
    try:
        async with savepoint(tx):
            made = await clients.add_secret(tx, actor, client_id)
    except (ClientIsRevoked, TooManyCredentials) as problem:
        return await _page(request, browser, actor, tx, client_id, form, problem)
    return _secret(request, browser, made)


@router.post("/{client_id}/llave")
async def add_key(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, client_id: UUID
) -> Response:
    """Registers a public key."""
    client = await clients.find_client(tx, actor, client_id, lock=True)
    if not form.holds(_facts(client)):
        return await _page(request, browser, actor, tx, client_id, form)
    try:
        jwk = json.loads(form.required("jwk", WRONG_KEY) or "0")
        async with savepoint(tx):
            await clients.add_key(tx, actor, client_id, jwk if isinstance(jwk, dict) else {})
    except (ValueError, RecursionError, Invalid):
        form.wrong("jwk", WRONG_KEY)
        return await _page(request, browser, actor, tx, client_id, form)
    except (ClientIsRevoked, TooManyCredentials) as problem:
        return await _page(request, browser, actor, tx, client_id, form, problem)
    return finish(request, browser, form, done(f"{PAGE}/{client_id}", "guardado"))


@router.post("/{client_id}/credenciales/{credential_id}/revocar")
async def revoke_credential(
    request: Request,
    browser: BrowserSessionWeb,
    actor: StaffWeb,
    tx: Tx,
    form: Effect,
    client_id: UUID,
    credential_id: UUID,
) -> Response:
    """And the tokens that were issued for it."""
    client = await clients.find_client(tx, actor, client_id, lock=True)
    if not form.holds(_facts(client)):
        return await _page(request, browser, actor, tx, client_id, form)
    await clients.revoke_credential(tx, actor, client_id, credential_id)
    return finish(request, browser, form, done(f"{PAGE}/{client_id}", "credencial"))


@router.post("/{client_id}/baja")
async def revoke(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, client_id: UUID
) -> Response:
    """For good, from its next call on."""
    client = await clients.find_client(tx, actor, client_id, lock=True)
    if not form.holds(_facts(client)):
        return await _page(request, browser, actor, tx, client_id, form)
    await clients.revoke_client(tx, actor, client_id)
    return finish(request, browser, form, done(f"{PAGE}/{client_id}", "programa"))


@router.post("/permisos/{token_id}/revocar")
async def revoke_token(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, token_id: UUID
) -> Response:
    """A personal token of anyone."""
    require(actor, Action.MANAGE_CLIENTS)
    token = await personal_tokens.find_token(tx, actor, token_id, lock=True)
    if form.holds([token.id, token.revoked_at is None]):
        await personal_tokens.revoke_token(tx, actor, token_id)
    return redirect(request, browser, done(PAGE, "permiso"))


def _facts(client: ApiClient) -> list[object]:
    return [client.id, client.version]


def _at_fields(problem: Invalid) -> list[FieldError]:
    """What is wrong, at the fields of the page."""
    names = {"expires_at": "expires_on"}
    return [FieldError(names.get(one.field, one.field), one.message) for one in problem.fields]


async def _form(
    request: Request,
    browser: BrowserSession,
    tx: AsyncSession,
    form: EffectForm | None = None,
    client: ApiClient | None = None,
) -> Response:
    return show(
        request,
        browser,
        "staff/client_form.html",
        errors=form.errors if form else None,
        typed=await typed_of(tx, client, form),
        client=client,
        facts=_facts(client) if client else [],
        scopes=SCOPE_NAMES,
        anchors={"scopes": "scopes-1"},
        back=f"{PAGE}/{client.id}" if client else PAGE,
    )


def _secret(request: Request, browser: BrowserSession, made: clients.NewSecret) -> Response:
    return show(
        request,
        browser,
        "staff/client_secret.html",
        client=made.client,
        secret=made.secret,
        back=f"{PAGE}/{made.client.id}",
    )


async def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    client_id: UUID,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    client = await clients.find_client(tx, actor, client_id)
    return show(
        request,
        browser,
        "staff/client.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        typed=form.values if form else {},
        client=client,
        facts=_facts(client),
        credentials=await clients.credentials_of(tx, client_id),
        units=await units_by_id(tx, client.unit_ids or ()),
        until=format_long_day(last_day(client.expires_at)) if client.expires_at else None,
        scopes=SCOPE_NAMES,
        zone=DEFAULT_ZONE,
        clocks=clocks_of(actor, [DEFAULT_ZONE]),
        back=PAGE,
    )
