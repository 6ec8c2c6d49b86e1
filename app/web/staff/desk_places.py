"""Which unit a page of the desk is about: the only one of a member of staff, or the one that they chose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.places.queries import search_units, unit_by_clues, unit_by_id, units_by_id
from app.web.browser import BrowserSession
from app.web.staff.reception_unit import UNIT, desk_unit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.places.models import Unit

ROOM_ANSWER = "desk_room"
"""In the answers of a session: the room that was chosen last, by unit."""
MAX_UNITS = 20
LONGEST = 80


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """The unit, or those to choose from. `is_only`: there is no other. `asked`: the words typed, which found none or
    several."""

    unit: Unit | None
    units: list[Unit] = field(default_factory=list)
    is_only: bool = False
    asked: str = ""


async def choose_unit(tx: AsyncSession, browser: BrowserSession, actor: Staff, asked: str) -> UnitChoice:
    """The unit that the address asks for by its CLUES or by words, else the one chosen last, else the only one."""
    mine = await units_by_id(tx, list(actor.unit_ids)) if actor.unit_ids is not None else None
    if mine is not None and len(mine) == 1:
        return UnitChoice(mine[0], is_only=True)
    words = asked[:LONGEST].replace("\x00", "").strip()
    found = await _asked(tx, words, mine) if words else await _remembered(tx, browser, actor)
    if found is not None:
        browser.remember(**{UNIT: str(found.id)})
        return UnitChoice(found)
    if mine is not None:
        return UnitChoice(None, mine[:MAX_UNITS], asked=words)
    return UnitChoice(None, await search_units(tx, words, limit=MAX_UNITS) if words else [], asked=words)


async def _asked(tx: AsyncSession, words: str, mine: list[Any] | None) -> Unit | None:
    if mine is not None:
        return next((one for one in mine if one.clues == words.upper()), None)
    try:
        return await unit_by_clues(tx, words)
    except NotFound:
        return None


async def _remembered(tx: AsyncSession, browser: BrowserSession, actor: Staff) -> Unit | None:
    chosen = desk_unit(browser, actor)
    return await unit_by_id(tx, chosen) if chosen else None
