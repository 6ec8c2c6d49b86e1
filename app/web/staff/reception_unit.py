"""Which unit's reception a page is: that of its form, the one chosen in this session, or the only one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.desk.queries.reception import Slip, find_slip
from app.desk.queries.tickets import TicketView, ticket_view
from app.identity.permissions import Action, may_at, require
from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.web.browser import BrowserSession

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

PAGE = "/ventanilla/recepcion"
CHOOSE, PERSON, SLIP = f"{PAGE}/unidad", f"{PAGE}/personas/", f"{PAGE}/turno/"
OFFERS = f"{PAGE}/ofertas"
UNIT = "desk_unit"
"""In the answers of a session: the unit whose reception was chosen."""


def desk_unit(browser: BrowserSession, actor: Staff, given: str = "") -> UUID | None:
    """The unit of a page of reception, if it is known which; `given`: by its form."""
    for text in (given, str(browser.answers.get(UNIT, ""))):
        unit_id = _id_of(text)
        if may_at(actor, Action.ATTEND_PEOPLE, unit_id):
            return unit_id
    if actor.unit_ids is not None and len(actor.unit_ids) == 1:
        return next(iter(actor.unit_ids))
    return None


async def own_slip(tx: AsyncSession, actor: Staff, ticket_id: UUID) -> Slip:
    """The slip of a ticket of one of the actor's units, whichever reception they chose in this session.

    Raises:
        WrongRole. NotFound: no such ticket there.
    """
    require(actor, Action.ATTEND_PEOPLE)
    slip = await find_slip(tx, actor.unit_ids, ticket_id=ticket_id)
    if slip is None:
        raise NotFound
    return slip


async def own_ticket(tx: AsyncSession, actor: Staff, ticket_id: UUID) -> TicketView:
    """The ticket itself.

    Raises:
        As `own_slip`.
    """
    return await ticket_view(tx, actor, (await own_slip(tx, actor, ticket_id)).unit_id, ticket_id)


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
