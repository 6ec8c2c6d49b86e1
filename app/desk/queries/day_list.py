"""The day's list of a room, or of a whole unit: its appointments in order of time, and who has come."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.clients.rules import ApiScope, may_read_at
from app.desk.statements import STATEMENTS
from app.identity.permissions import Action
from app.kernel import clock
from app.kernel.actor import Client, Staff
from app.kernel.problems import NotFound

_DAY_LIST = STATEMENTS.load("day_list")
MAX_SHOWN = 2_000


@dataclass(frozen=True, slots=True)
class DayLine:
    """An appointment of the day, whose it is, and the ticket with which they came. `ticket_service`: the queue that it
    is in by now."""

    folio: str
    person_id: UUID
    full_name: str
    service: str
    room: int
    start_at: datetime
    minutes: int
    status: str
    affected: str | None
    request_id: UUID | None
    timezone: str
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_status: str | None
    ticket_service: str | None
    ticket_version: int | None
    arrived_at: datetime | None
    called_at: datetime | None
    is_confirmed: bool
    """The person said that they will come."""


async def day_list(
    session: AsyncSession, actor: Staff | Client, unit_id: UUID, *, room: int | None = None, on_date: date | None = None
) -> list[DayLine]:
    """Appointments of a day at a unit that weren't cancelled; today's when no day is named, every room's when no room
    is.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_read_at(actor, ApiScope.APPOINTMENTS, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    given = {"unit_id": unit_id, "room": room, "on_date": on_date, "now": clock.now(), "limit": MAX_SHOWN}
    return [DayLine(*row) for row in await session.execute(_DAY_LIST, given)]
