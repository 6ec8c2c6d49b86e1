"""What every page of staff shows on top: who is signed in, in which role and where; and what the last button did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request

from app.identity.permissions import Action, roles_for
from app.identity.service.staff import staff_by_id
from app.kernel.actor import Staff
from app.kernel.http.parameters import Tx
from app.kernel.i18n import N_, gettext
from app.requests.queries.people import staff_profile
from app.web.browser import BrowserSessionWeb
from app.web.effects import ALREADY, owner_of
from app.web.labels import STAFF_ROLES
from app.web.notices import notice
from app.web.rendering import is_noticed
from app.web.staff.feedback import DONE, feedback

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

DONE_FIELD, OF_FIELD, VERSION_FIELD, TO_FIELD = "hecho", "folio", "v", "a"
"""The query of a page to which a button led: what the button did, by a name of `feedback.DONE`, to which request, which
version of it that left, and which unit it was sent to."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who is signed in. `unit` is where they work, in words; `works` whether they have a queue of requests, `attends`
    whether they attend people at a desk, `supervises` whether the schedules of a unit are theirs."""

    full_name: str
    role: str
    unit: str
    works: bool
    attends: bool = False
    supervises: bool = False
    units: str = ""
    """On a device that was prepared for the day sheet, the ids of their units, with spaces between; `*` for all."""
    done: str = ""
    """What the last button did, in words."""
    links: Sequence[tuple[str, str]] = ()
    """Where to go on from that: addresses and their words."""
    version: str = ""
    """Which version of the request that left."""
    button: str = ""
    """The name of what the last button did, if it led its reader here (`app.web.notices`)."""
    is_repeated: bool = False
    """That button asked for what was done before."""
    is_outdated: bool = False
    """The request has changed since that button: the page says so to a person who goes back to it."""


async def _header(request: Request, browser: BrowserSessionWeb, tx: Tx) -> None:
    if browser.row is None or browser.row.staff_id is None:
        return
    header = await header_of(tx, browser.row.staff_id)
    if header is None:
        return
    button = notice(request, owner_of(browser), DONE_FIELD)
    done = await _done(request, tx, browser.row.staff_id, button)
    version = request.query_params.get(VERSION_FIELD, "")
    units = await _units(tx, browser.row.staff_id) if browser.stores_work else ""
    is_repeated = is_noticed(request, browser, ALREADY)
    header = replace(header, done=done, button=button, is_repeated=is_repeated)
    request.scope["state"]["header"] = replace(header, version=version, units=units)


async def _units(tx: AsyncSession, staff_id: UUID) -> str:
    actor = await staff_by_id(tx, staff_id)
    if actor is None:
        return ""
    return "*" if actor.unit_ids is None else " ".join(map(str, actor.unit_ids))


async def header_of(session: AsyncSession, staff_id: UUID) -> Header | None:
    """Who this member of staff is, in words; None when they no longer work here."""
    found = await staff_profile(session, staff_id)
    if found is None:
        return None
    if found.unit_name:
        unit = found.unit_name
    else:
        unit = gettext(N_("Todas las unidades")) if found.units is None else gettext(N_("Varias unidades"))
    works = found.role in {one.value for one in roles_for(Action.WORK_REQUESTS)}
    attends = found.role in {one.value for one in roles_for(Action.ATTEND_PEOPLE)}
    supervises = found.role in {one.value for one in roles_for(Action.MANAGE_SCHEDULES)}
    return Header(found.full_name, gettext(STAFF_ROLES[found.role]), unit, works, attends, supervises)


async def _done(request: Request, tx: AsyncSession, staff_id: UUID, name: str) -> str:
    """What the button that led to this address did, in words."""
    params = request.query_params
    actor = await staff_by_id(tx, staff_id) if name else None
    if actor is None:
        return ""
    return await feedback(tx, actor, name, params.get(OF_FIELD, ""), params.get(TO_FIELD, ""))


HEADER = Depends(_header)


def done(path: str, name: str, folio: str = "", version: int | None = None, to: UUID | None = None) -> str:
    """The address of a page that says what the button did, which version of the request it left, and the unit that it
    was sent to."""
    query = {DONE_FIELD: name} | ({OF_FIELD: folio} if folio else {})
    query |= {VERSION_FIELD: str(version)} if version is not None else {}
    query |= {TO_FIELD: str(to)} if to is not None else {}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"


def last_button(request: Request) -> str:
    """The name of what the button did that led to this page; nothing where it had been done before."""
    header: Header | None = request.scope["state"].get("header")
    return header.button if header is not None and not header.is_repeated else ""


def announce_words(request: Request, words: str, links: Sequence[tuple[str, str]] = ()) -> None:
    """Show on top of the page that answers this request what was done, in words, and where to go on from that."""
    header: Header | None = request.scope["state"].get("header")
    if header is not None:
        request.scope["state"]["header"] = replace(header, done=words, links=links)


def announce_while(request: Request, version: int, words: str, links: Sequence[tuple[str, str]] = ()) -> None:
    """The same, as long as what was changed has the version that the button left; then say that it has changed."""
    if request.query_params.get(VERSION_FIELD) == str(version):
        announce_words(request, words, links)
    else:
        outdate(request, version)


async def announce(request: Request, tx: AsyncSession, actor: Staff, name: str, folio: str = "") -> None:
    """Say on the page that answers this very request what its button did."""
    announce_words(request, await feedback(tx, actor, name, folio))


def outdate(request: Request, version: int) -> None:
    """Show on a page reached by going back that the request has changed since its button was pressed."""
    header: Header | None = request.scope["state"].get("header")
    if header is not None and header.button in DONE and header.version and header.version != str(version):
        request.scope["state"]["header"] = replace(header, done="", is_outdated=True)
