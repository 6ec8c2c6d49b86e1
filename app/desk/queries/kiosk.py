"""What a kiosk shows: the services it gives numbers for, and a ticket without its person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.rules.tickets import parse_number
from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import UnitDevice
from app.kernel.problems import NotFound

_SERVICES = STATEMENTS.load("kiosk_services")
_TICKET = STATEMENTS.load("kiosk_ticket")
_OF_NUMBER = STATEMENTS.load("ticket_of_number")


@dataclass(frozen=True, slots=True)
class KioskTicket:
    """A ticket as its slip shows it. `before`: how many of its queue are called first, as things are. `room`: the only
    one that calls it. `code` opens its own page."""

    id: UUID
    number: str
    status: str
    arrived_at: datetime
    due_at: datetime | None
    room: int | None
    code: str | None
    unit_name: str
    timezone: str
    before: int


async def kiosk_services(session: AsyncSession, device: UnitDevice) -> list[str]:
    """The services for which a kiosk gives numbers at its unit."""
    return list(await session.scalars(_SERVICES, {"unit_id": device.unit_id}))


async def kiosk_ticket_of_number(session: AsyncSession, device: UnitDevice, number: str) -> UUID:
    """The ticket of today at the kiosk's unit that has this number, as it is printed.

    Raises:
        NotFound.
    """
    parsed = parse_number(number)
    if parsed is None:
        raise NotFound
    given = {"unit_id": device.unit_id, "letter": parsed[0], "number": parsed[1], "now": clock.now()}
    found: UUID | None = await session.scalar(_OF_NUMBER, given)
    if found is None:
        raise NotFound
    return found


async def kiosk_ticket(session: AsyncSession, device: UnitDevice, ticket_id: UUID) -> KioskTicket:
    """A ticket of the kiosk's unit.

    Raises:
        NotFound.
    """
    given = {"unit_id": device.unit_id, "id": ticket_id, "now": clock.now()}
    row = (await session.execute(_TICKET, given)).one_or_none()
    if row is None:
        raise NotFound
    return KioskTicket(*row)
