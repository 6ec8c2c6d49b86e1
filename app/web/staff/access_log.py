"""Who saw whose data, for administrators: of a person, by a reader, between two days."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.audit import service
from app.identity.permissions import Action, require
from app.identity.service.staff_accounts import find_staff
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date
from app.kernel.problems import Invalid
from app.registry.access_history import NamedView, ViewFilter
from app.registry.queries import find_person
from app.registry.view_recording import RECORDS_VIEWS
from app.web.browser import BrowserSession, BrowserSessionWeb, StaffWeb
from app.web.forms import NotedForm, SubmittedForm
from app.web.labels import CONTEXTS, READER_ROLES
from app.web.rendering import redirect, show
from app.web.staff.header import HEADER
from app.web.staff.list_query import ListQuery, clocks_of

if TYPE_CHECKING:
    from app.identity.models import StaffMember
    from app.registry.models import Person

router = APIRouter(prefix="/ventanilla/accesos", dependencies=[RECORDS_VIEWS, HEADER])

PAGE = "/ventanilla/accesos"
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up: whose data, by which reader, the views of a page, and the address of the next."""

    person: Person | None
    member: StaffMember | None
    views: list[NamedView]
    more: str


@router.get("")
async def access_log_page(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx) -> Response:
    """The address has ids alone. Opening it is an event, and a view of everyone whose data it shows."""
    require(actor, Action.READ_ACCESS_LOG)
    asked = ListQuery(request, {"desde": N_("Desde el día"), "hasta": N_("Hasta el día")})
    persona, lector, despues = (asked.parsed(name, UUID) for name in ("persona", "lector", "despues"))
    desde, hasta = (asked.parsed(name, iso_date) for name in ("desde", "hasta"))
    person = await find_person(tx, persona) if persona else None
    member = await find_staff(tx, lector) if lector else None
    if persona and person is None:
        asked.leave_out("persona")
    if lector and member is None:
        asked.leave_out("lector")
    asked.done()
    view_filter = ViewFilter(person.id if person else None, member.id if member else None, desde, hasta)
    if person is None and member is None:
        await service.record_look_up(tx, actor, view_filter)
        return _page(request, browser, actor, {})
    views = await service.accesses(tx, actor, view_filter, limit=SHOWN, after=despues)
    more = ""
    if len(views) > SHOWN:
        after = {"persona": persona, "lector": lector, "desde": desde, "hasta": hasta, "despues": views[SHOWN - 1].id}
        more = urlencode({name: value for name, value in after.items() if value})
    typed = {
        "who": person.curp if person else "",
        "username": member.username if member else "",
        "since": desde.isoformat() if desde else "",
        "until": hasta.isoformat() if hasta else "",
    }
    return _page(request, browser, actor, typed, found=Found(person, member, views[:SHOWN], more))


def _page(
    request: Request,
    browser: BrowserSession,
    actor: Staff,
    typed: dict[str, str],
    *,
    found: Found | None = None,
    form: SubmittedForm | None = None,
) -> Response:
    return show(
        request,
        browser,
        "staff/access_log.html",
        errors=form.errors if form else None,
        typed=form.values if form else typed,
        found=found,
        clocks=clocks_of(actor, (view.timezone for view in found.views) if found else ()),
        roles=READER_ROLES,
        contexts=CONTEXTS,
        back="/ventanilla",
    )


@router.post("")
async def looked_up(request: Request, browser: BrowserSessionWeb, actor: StaffWeb, tx: Tx, form: NotedForm) -> Response:
    """A CURP, a number and a folio are sent, not asked for in the address, which histories and logs store."""
    require(actor, Action.READ_ACCESS_LOG)
    if form.errors:
        return _page(request, browser, actor, {}, form=form)
    who, username = form.get("who"), form.get("username").replace("\x00", "")
    person_id = await _meant(form, service.person_meant(tx, actor, who, "who")) if who else None
    reader_id = await _meant(form, service.reader_meant(tx, username, "username")) if username else None
    since, until = _day(form, "since"), _day(form, "until")
    if not who and not username:
        form.wrong("who", N_("Escriba de quién son los datos, quién los vio, o las dos cosas."))
    if since and until and until < since:
        form.wrong("until", N_("La última fecha debe ser igual o posterior a la primera."))
    if form.errors:
        return _page(request, browser, actor, {}, form=form)
    asked = {"persona": person_id, "lector": reader_id, "desde": since, "hasta": until}
    return redirect(request, browser, f"{PAGE}?{urlencode({name: value for name, value in asked.items() if value})}")


async def _meant(form: SubmittedForm, found: Awaitable[UUID]) -> UUID | None:
    try:
        return await found
    except Invalid as problem:
        form.errors += problem.fields
        return None


def _day(form: SubmittedForm, name: str) -> date | None:
    typed = form.get(name)
    try:
        return iso_date(typed) if typed else None
    except ValueError:
        form.wrong(name, N_("Escriba una fecha como 2026-11-24."))
        return None
