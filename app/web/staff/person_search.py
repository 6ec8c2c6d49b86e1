"""The box of reception on the pages that look for whose a ticket is: whom it finds, without names in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import Request

from app.desk.queries import people
from app.desk.queries.people import FoundPerson
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.problems import Problem
from app.web.browser import BrowserSession
from app.web.forms import WholeForm
from app.web.staff.reception import KIND
from app.web.staff.search import LONGEST, store_search, stored_search

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, whom it finds (None: nothing was searched for), and why it finds no one."""

    q: str = ""
    found: list[FoundPerson] | None = None
    problem: Problem | None = None


async def search_of(request: Request, browser: BrowserSession, tx: AsyncSession, actor: Staff, unit_id: UUID) -> Search:
    """The search that the page's address names by its number, as it finds people now. Its page records whom it
    shows."""
    number = request.query_params.get("b", "")
    q = stored_search(browser, KIND, number) if number else None
    if not q:
        return Search()
    found, problem = await _find(tx, actor, unit_id, q)
    return Search(q, found, problem)


async def where_it_leads(
    browser: BrowserSession, tx: AsyncSession, actor: Staff, unit_id: UUID, form: WholeForm, page: str
) -> str:
    """The page of the one person whom the box means, to confirm, or that of the list."""
    q = form.get("q")[:LONGEST].replace("\x00", "")
    if not q:
        return page
    found, _problem = await _find(tx, actor, unit_id, q)
    return f"{page}/{found[0].id}" if len(found) == 1 else f"{page}?b={store_search(browser, KIND, q)}"


async def _find(tx: AsyncSession, actor: Staff, unit_id: UUID, q: str) -> tuple[list[FoundPerson], Problem | None]:
    try:
        async with savepoint(tx):
            return await people.find_people(tx, actor, unit_id, q), None
    except Problem as refused:
        return [], refused
