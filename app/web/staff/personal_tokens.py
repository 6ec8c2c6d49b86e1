"""One's own personal tokens: list, make, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.clients.problems import TooManyTokens
from app.clients.rules import MAX_NAME, MAX_TOKEN_DAYS, scopes_for
from app.clients.service import personal_tokens
from app.clients.service.personal_tokens import WRONG_DAYS
from app.identity.problems import WrongRole
from app.kernel.db import savepoint
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import one_line, whole_number
from app.kernel.problems import Invalid, Problem
from app.places.rules import DEFAULT_ZONE
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, show
from app.web.staff.client_fields import SCOPE_NAMES
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import clocks_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.kernel.actor import Staff

PAGE = "/ventanilla/permisos"
DEFAULT_DAYS = 90

router = APIRouter(prefix=PAGE, dependencies=[HEADER])


@router.get("")
async def list_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The latest first, and the form for another."""
    return await _list(request, browser, actor, tx)


async def _list(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    tx: AsyncSession,
    form: EffectForm | None = None,
    problem: Problem | None = None,
) -> Response:
    allowed = scopes_for(actor.role)
    if not allowed:
        raise WrongRole
    return show(
        request,
        browser,
        "staff/personal_tokens.html",
        status=problem.status if problem else 200,
        errors=form.errors if form else None,
        problem=problem,
        typed={**form.values, "scopes": form.getlist("scopes")} if form else {"scopes": [], "days": DEFAULT_DAYS},
        listed=await personal_tokens.tokens_of(tx, actor),
        allowed={name.value: SCOPE_NAMES[name] for name in allowed},
        scopes=SCOPE_NAMES,
        zone=DEFAULT_ZONE,
        clocks=clocks_of(actor, [DEFAULT_ZONE]),
        anchors={"scopes": "scopes-1"},
        back="/ventanilla",
    )


@router.post("")
async def create(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """Shows the token, this once; sent twice, the same one."""
    name = form.parsed("name", one_line, N_("Escriba para qué es."))[:MAX_NAME]
    days = 0
    try:
        days = whole_number(form.get("days"), low=1, high=MAX_TOKEN_DAYS)
    except ValueError:
        form.wrong("days", WRONG_DAYS)
    if not form.holds([]) or form.errors:
        return await _list(request, browser, actor, tx, form)
    try:
        async with savepoint(tx):
            made = await personal_tokens.create_token(tx, actor, name, frozenset(form.getlist("scopes")), days)
    except Invalid as problem:
        form.errors.extend(problem.fields)
        return await _list(request, browser, actor, tx, form)
    except TooManyTokens as problem:
        return await _list(request, browser, actor, tx, form, problem)
    return show(
        request, browser, "staff/personal_token.html", token=made.token, row=made.row, zone=DEFAULT_ZONE, back=PAGE
    )


@router.post("/{token_id}/revocar")
async def revoke(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, token_id: UUID
) -> Response:
    """It ends with its next call."""
    token = await personal_tokens.find_token(tx, actor, token_id, lock=True)
    if not form.holds([token.id, token.revoked_at is None]):
        return await _list(request, browser, actor, tx, form)
    await personal_tokens.revoke_token(tx, actor, token_id)
    return finish(request, browser, form, done(PAGE, "permiso"))
