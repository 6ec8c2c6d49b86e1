"""Dead letters: retry or discard them (administrators)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request, Response

from app.identity.permissions import Action, require
from app.kernel import dead_letters
from app.kernel.dead_letters import DeadLetter, Kind
from app.kernel.http.parameters import Tx
from app.kernel.problems import NotFound
from app.places.rules import DEFAULT_ZONE
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, redirect, show, start_again
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import clocks_of, leave_out_all

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

router = APIRouter(prefix="/ventanilla/pendientes", dependencies=[HEADER])

PAGE = "/ventanilla/pendientes"

NUMBER = re.compile(r"[0-9]{1,18}")

WorkKey = Annotated[str, Path(max_length=120)]


def work_shown(work: DeadLetter) -> list[object]:
    """A dead letter, as the list shows it."""
    return [work.kind, work.key, work.failed_at, work.retry_requested]


async def _holds(tx: AsyncSession, kind: Kind, key: str, form: EffectForm) -> bool:
    found = next((one for one in await dead_letters.list_dead_letters(tx) if (one.kind, one.key) == (kind, key)), None)
    return form.holds(work_shown(found) if found else None)


@router.get("")
async def dead_letters_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Oldest first, each with its reason or its number in the log."""
    require(actor, Action.MANAGE_DEAD_LETTERS)
    leave_out_all(request)
    waiting = await dead_letters.list_dead_letters(tx)
    return show(
        request,
        browser,
        "staff/dead_letters.html",
        waiting=waiting,
        groups=await dead_letters.groups(tx),
        zone=DEFAULT_ZONE,
        clocks=clocks_of(actor, (DEFAULT_ZONE for work in waiting if work.failed_at)),
        work_shown=work_shown,
        back="/ventanilla",
    )


@router.post("/grupo")
async def change_group(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """All that stopped for one reason, up to the newest that was shown."""
    require(actor, Action.MANAGE_DEAD_LETTERS)
    shown = (form.get("kind"), form.get("name"), form.get("reason"))
    if not form.holds([*shown, form.get("last")]):
        return start_again(request, browser, form, PAGE)
    group = next((one for one in await dead_letters.groups(tx) if (one.kind, one.name, one.reason) == shown), None)
    if group is None or not NUMBER.fullmatch(form.get("last")):
        raise NotFound
    group = replace(group, last=form.get("last"))
    if form.get("action") == "retry":
        await dead_letters.retry_group(tx, actor, group)
    elif form.get("action") == "discard":
        await dead_letters.discard_group(tx, actor, group)
    if form.get("action") == "retry":  # it may have failed again since
        return redirect(request, browser, done(PAGE, "reintento"))
    return finish(request, browser, form, done(PAGE, "descarte"))


@router.post("/{kind}/{key}/reintentar")
async def try_work_again(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, kind: Kind, key: WorkKey
) -> Response:
    """Retry: the worker takes it with its next step."""
    require(actor, Action.MANAGE_DEAD_LETTERS)
    if not await _holds(tx, kind, key, form):
        return start_again(request, browser, form, PAGE)
    await dead_letters.retry(tx, actor, kind, key)
    return redirect(request, browser, done(PAGE, "reintento"))


@router.post("/{kind}/{key}/descartar")
async def drop_work(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, kind: Kind, key: WorkKey
) -> Response:
    """Discard: it was handled in another way."""
    require(actor, Action.MANAGE_DEAD_LETTERS)
    if not await _holds(tx, kind, key, form):
        return start_again(request, browser, form, PAGE)
    await dead_letters.discard(tx, actor, kind, key)
    return finish(request, browser, form, done(PAGE, "descarte"))
