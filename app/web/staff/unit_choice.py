"""Which unit a page of staff is about: the one that its address names, or one that they choose from those that words of
its name find. One chooser for every page: `staff/choose_unit.html`, and its form on pages that show a unit already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import Request, Response

from app.appointments.service.closures import require_unit_manager
from app.identity.permissions import Action, may_at, require
from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.places.queries import search_units, unit_by_clues, unit_by_id, units_by_id
from app.web.browser import BrowserSession
from app.web.rendering import show
from app.web.staff.reception_unit import UNIT, desk_unit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

FIELD = "unidad"
"""In an address: the id or CLUES of a unit, or words to find it by."""
MAX_LISTED = 20
FEW = 8
"""Units that are listed without a box to search them."""
LONGEST = 80
LONGEST_CLUES = 20


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """The unit, or those to choose from. `is_only`: there is no other. `is_sent`: it was searched for, by what was
    `typed`; `is_found`: that found those listed. `may_search`: there are more than are listed."""

    unit: Unit | None
    units: Sequence[Unit] = ()
    is_only: bool = False
    typed: str = ""
    is_sent: bool = False
    is_found: bool = False
    may_search: bool = True


async def unit_choice(tx: AsyncSession, actor: Staff, action: Action, asked: str | None = None) -> UnitChoice:
    """The unit of an id or a CLUES, else the only one of the actor, else those to choose from: what the words find of
    the units where the actor may do this, and without words their own. `asked`: as it came; None when nothing did.

    Raises:
        WrongRole: the actor's role does this nowhere. NotFound: there is such a unit, and it isn't theirs;
        UnitNotManaged, where it is about schedules.
    """
    require(actor, action)
    typed = " ".join((asked or "").replace("\x00", " ")[:LONGEST].split())
    named = await _unit_of(tx, typed)
    if named is not None:
        if action is Action.MANAGE_SCHEDULES:
            require_unit_manager(actor, named.id)
        if not may_at(actor, action, named.id):
            raise NotFound
        return UnitChoice(named, is_only=actor.unit_ids is not None and len(actor.unit_ids) == 1)
    own = await units_by_id(tx, actor.unit_ids) if actor.unit_ids is not None else []
    if len(own) == 1:
        return UnitChoice(own[0], is_only=True)
    found = await search_units(tx, typed, limit=MAX_LISTED, among=actor.unit_ids) if typed else []
    listed = found or own[:MAX_LISTED]
    may_search = actor.unit_ids is None or len(own) > FEW or bool(typed)
    return UnitChoice(None, listed, typed=typed, is_sent=asked is not None, is_found=bool(found), may_search=may_search)


async def desk_choice(tx: AsyncSession, browser: BrowserSession, actor: Staff, asked: str | None = None) -> UnitChoice:
    """As `unit_choice`, for pages where people are attended: the session remembers the unit that was chosen last."""
    chosen = desk_unit(browser, actor) if asked is None else None
    choice = await unit_choice(tx, actor, Action.ATTEND_PEOPLE, str(chosen) if chosen else asked)
    if choice.unit is not None and asked is not None:
        browser.remember(**{UNIT: str(choice.unit.id)})
    return choice


async def supervised_choice(tx: AsyncSession, actor: Staff, request: Request) -> UnitChoice:
    """As `unit_choice`, for the pages of who manages the schedules of a unit, which their addresses name."""
    return await unit_choice(tx, actor, Action.MANAGE_SCHEDULES, request.query_params.get(FIELD))


def choose_page(
    request: Request, browser: BrowserSession, choice: UnitChoice, to: str, back: str = "/ventanilla"
) -> Response:
    """The page on which one chooses; it leads to the page that asked, `to`."""
    return show(request, browser, "staff/choose_unit.html", choice=choice, to=to, back=back)


async def _unit_of(tx: AsyncSession, typed: str) -> Unit | None:
    try:
        return await unit_by_id(tx, UUID(typed))
    except NotFound:
        return None
    except ValueError:
        pass
    if not typed or len(typed) > LONGEST_CLUES:
        return None
    try:
        return await unit_by_clues(tx, typed)
    except NotFound:
        return None
