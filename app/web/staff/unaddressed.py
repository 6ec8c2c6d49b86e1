"""Notices to people without a contact: staff of their unit notify them, and mark it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from app.identity.permissions import Action, may, require
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.notifications import unaddressed
from app.notifications.composers import requests as about_requests
from app.notifications.rules import UnreachedReason
from app.places.rules import DEFAULT_ZONE
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSessionWeb, StaffWeb
from app.web.effects import Effect
from app.web.rendering import finish, show, start_again
from app.web.staff.header import HEADER, done
from app.web.staff.list_query import clocks_of, leave_out_all

if TYPE_CHECKING:
    from app.notifications.models import UnaddressedNotice

router = APIRouter(prefix="/ventanilla/por-avisar", dependencies=[RECORDS_VIEWS, HEADER])

PAGE = "/ventanilla/por-avisar"
REASONS = {
    UnreachedReason.NO_CONTACT: N_("No tiene correo ni teléfono registrados"),
    UnreachedReason.FROZEN: N_("Su cuenta está detenida: el correo o teléfono puede no ser suyo"),
    UnreachedReason.UNPROVEN: N_("No ha comprobado que el correo o teléfono de su cuenta sea suyo"),
}

NoticeId = Annotated[UUID, Path()]


def notice_shown(notice: UnaddressedNotice) -> list[object]:
    """A notice as the list shows it."""
    return [notice.id, notice.resolved_at, notice.superseded_at]


@router.get("")
async def unaddressed_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """List the notices, oldest first: whom to notify, of what, since when and why no message can."""
    require(actor, Action.NOTIFY_PEOPLE)
    leave_out_all(request)
    found = await unaddressed.open_notices(tx, actor)
    record_views(actor, ViewContext.NOTICE, {one.person.id: one.notice.unit_id for one in found})
    zones = {one.notice.id: one.unit.timezone if one.unit else DEFAULT_ZONE for one in found}
    return show(
        request,
        browser,
        "staff/unaddressed.html",
        notices=found,
        count=await unaddressed.count_open(tx, actor),
        zones=zones,
        clocks=clocks_of(actor, zones.values()),
        reasons=REASONS,
        may_open=may(actor, Action.WORK_REQUESTS),
        request_kinds=about_requests.KINDS,
        notice_shown=notice_shown,
        back="/ventanilla",
    )


@router.post("/{notice_id}")
async def notice_resolved(
    request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: Effect, notice_id: NoticeId
) -> Response:
    """The person knows. What a colleague marked meanwhile stays theirs."""
    require(actor, Action.NOTIFY_PEOPLE)
    notice = await unaddressed.lock_notice(tx, actor, notice_id)
    if not form.holds(notice_shown(notice)):
        return start_again(request, browser, form, PAGE)
    await unaddressed.resolve(tx, actor, notice_id)
    return finish(request, browser, form, done(PAGE, "avisada"))
