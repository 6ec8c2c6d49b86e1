"""Messages that did not arrive: retry, or notify the person by telephone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.notifications import dead_letter_groups, deliveries, service
from app.notifications.contacts import zone_of
from app.notifications.dead_letter_groups import BATCH, MessageGroup
from app.notifications.labels import MESSAGE_NAMES
from app.notifications.queries import dead_letter_messages
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect, EffectForm
from app.web.rendering import finish, redirect, show, start_again
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import clocks_of, leave_out_all

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.notifications.models import Message

router = APIRouter(prefix="/ventanilla/avisos", dependencies=[RECORDS_VIEWS, HEADER])

PAGE = "/ventanilla/avisos"
MessageId = Annotated[UUID, Path()]


def message_shown(message: Message) -> list[object]:
    """A message that did not arrive, as the list shows it."""
    return [message.id, message.status, message.attempts]


async def _holds(tx: AsyncSession, actor: Staff, message_id: UUID, form: EffectForm) -> bool:
    found = next((one for one in await dead_letter_messages(tx, actor) if one.id == message_id), None)
    return form.holds(message_shown(found) if found else None)


def group_shown(group: MessageGroup) -> list[object]:
    """A group of messages, as the page shows it: a count up to the newest."""
    return [group.kind, group.channel, group.reason, group.count, group.last]


@router.get("")
async def messages_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """Oldest first, each with its reason."""
    require(actor, Action.READ_MESSAGES)
    leave_out_all(request)
    dead_letters = await dead_letter_messages(tx, actor)
    returned = await deliveries.failed_deliveries(tx, actor)
    listed = [*dead_letters, *(message for message, _one in returned)]
    people = {one.citizen_id for one in listed if one.citizen_id is not None}
    record_views(actor, ViewContext.MESSAGE, dict.fromkeys(people))
    zones = {message.id: await zone_of(tx, message.person_id) for message in listed}
    return show(
        request,
        browser,
        "staff/messages.html",
        messages=dead_letters,
        returned=returned,
        groups=await dead_letter_groups.list_groups(tx),
        kinds=MESSAGE_NAMES,
        batch=BATCH,
        group_shown=group_shown,
        zones=zones,
        clocks=clocks_of(actor, zones.values()),
        message_shown=message_shown,
        back="/ventanilla",
    )


@router.post("/{message_id}/reintentar")
async def try_again(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, message_id: MessageId
) -> Response:
    """Retry, with a fresh set of attempts."""
    require(actor, Action.READ_MESSAGES)
    if not await _holds(tx, actor, message_id, form):
        return start_again(request, browser, form, PAGE)
    await service.retry_message(tx, actor, message_id)
    return redirect(request, browser, done(PAGE, "reintento"))


@router.post("/{message_id}/avisado")
async def resolved_by_phone(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, message_id: MessageId
) -> Response:
    """Resolve: the person was notified by telephone."""
    require(actor, Action.READ_MESSAGES)
    if not await _holds(tx, actor, message_id, form):
        return start_again(request, browser, form, PAGE)
    await service.resolve_message(tx, actor, message_id)
    return finish(request, browser, form, done(PAGE, "avisada"))


@router.post("/grupo")
async def change_group(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect) -> Response:
    """What could not be delivered for one reason, up to the newest that was shown; of many, the oldest of them."""
    require(actor, Action.READ_MESSAGES)
    last = form.chosen_id("last", N_("Elija un grupo.")) or dead_letter_groups.START
    group = MessageGroup(form.get("kind"), form.get("channel"), form.get("reason"), 0, last)
    picked = await dead_letter_groups.lock_batch(tx, group)
    action = form.get("action")
    if not form.holds(group_shown(replace(group, count=picked.count))) or not picked.ids:
        return start_again(request, browser, form, PAGE)
    if action == "retry":
        await dead_letter_groups.retry_batch(tx, actor, group, picked)
    elif action == "resolve":
        await dead_letter_groups.resolve_batch(tx, actor, group, picked)
    if action == "retry":  # it may have failed again since
        return redirect(request, browser, done(PAGE, "reintento"))
    return finish(request, browser, form, done(PAGE, "descarte"))
