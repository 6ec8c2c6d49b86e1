"""Tickets as staff of their unit see them, in the order in which they are called."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.rules import ApiScope, may_read_at
from app.desk.rules.tickets import UNDO_FOR
from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Client, Staff
from app.kernel.problems import NotFound

_TICKETS = STATEMENTS.load("tickets_of_day")
_TICKET = STATEMENTS.load("ticket")
_OF_NUMBER = STATEMENTS.load("ticket_of_number")
_LEFT_LATELY = STATEMENTS.load("tickets_left_lately")
MAX_SHOWN = 2_000
"""Tickets of a unit and day: the largest clinics attend about 1,500 people a day."""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket, its person's name if they are known, and the clock of its unit. `place`: how many are called before it
    in its queue, itself counted; None when it doesn't wait. `counter_kind`:
    of the room that has it."""

    id: UUID
    unit_id: UUID
    on_date: date
    number: str
    service: str
    status: str
    person_id: UUID | None
    full_name: str | None
    appointment_folio: str | None
    request_folio: str | None
    room: int | None
    is_protected: bool
    arrived_at: datetime
    due_at: datetime | None
    calls: int
    called_at: datetime | None
    counter: int | None
    served_at: datetime | None
    ended_at: datetime | None
    left_because: str | None
    version: int
    timezone: str
    place: int | None
    counter_kind: str | None


async def tickets_of_day(
    session: AsyncSession,
    actor: Staff | Client,
    unit_id: UUID,
    *,
    services: list[str] | None = None,
    open_only: bool = True,
) -> list[TicketView]:
    """Today's tickets of a unit: at a counter first, then those that wait in the order in which they are called, then
    the others by number.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_read_at(actor, ApiScope.TICKETS, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    given = {"unit_id": unit_id, "services": services, "open_only": open_only, "now": clock.now(), "limit": MAX_SHOWN}
    return [TicketView(*row) for row in await session.execute(_TICKETS, given)]


async def here_by_folio(session: AsyncSession, actor: Staff, unit_id: UUID) -> dict[str, str]:
    """The numbers of today's open tickets by the folio of their appointment: who is at the unit now.

    Raises:
        NotFound: no such unit among the actor's.
    """
    found = await tickets_of_day(session, actor, unit_id)
    return {one.appointment_folio: one.number for one in found if one.appointment_folio}


async def ticket_view(session: AsyncSession, actor: Staff | Client, unit_id: UUID, ticket_id: UUID) -> TicketView:
    """One ticket, of any day.

    Raises:
        NotFound: no such ticket at the actor's units.
    """
    if not may_read_at(actor, ApiScope.TICKETS, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    given = {"unit_id": unit_id, "id": ticket_id, "now": clock.now()}
    row = (await session.execute(_TICKET, given)).one_or_none()
    if row is None:
        raise NotFound
    return TicketView(*row)


async def ticket_of_number(session: AsyncSession, actor: Staff, unit_id: UUID, letter: str, number: int) -> UUID | None:
    """Today's ticket of a number of the unit, if it was given.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    given = {"unit_id": unit_id, "letter": letter, "number": number, "now": clock.now()}
    found: UUID | None = await session.scalar(_OF_NUMBER, given)
    return found


async def tickets_left_lately(
    session: AsyncSession, actor: Staff, unit_id: UUID, services: list[str], *, limit: int
) -> list[TicketView]:
    """Tickets of these services that left so lately that they can be put back, the latest first.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    now = clock.now()
    given = {"unit_id": unit_id, "services": services, "now": now, "since": now - UNDO_FOR, "limit": limit}
    return [TicketView(*row) for row in await session.execute(_LEFT_LATELY, given)]
