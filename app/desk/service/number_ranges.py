"""Numbers reserved for a device before it is offline: what it may give then. Never given by anyone else on the day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import policy_of
from app.desk.events import NumbersReserved
from app.desk.service.arrivals import queue_for
from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.identity.problems import WrongRole
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.events import record

_RESERVE = STATEMENTS.load("reserve_numbers")


@dataclass(frozen=True, slots=True)
class ReservedNumbers:
    """Numbers of a queue and day, from the first to the last, that one device may give."""

    id: UUID
    unit_id: UUID
    device_id: UUID
    on_date: date
    letter: str
    service: str
    first: int
    last: int


async def reserve_numbers(
    session: AsyncSession, actor: Staff, unit_id: UUID, device_id: UUID, service: str, count: int
) -> ReservedNumbers:
    """Reserve today's next numbers of a queue for a device. Those that it doesn't give stay unused.

    Raises:
        WrongRole: the actor doesn't attend people there. NotFound: no such unit. ServiceUnknown.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise WrongRole
    policy_of(service)
    now = clock.now()
    queue = await queue_for(session, unit_id, service, None, now)
    given = {
        "id": ids.new_id(),
        "unit_id": unit_id,
        "device_id": device_id,
        "on_date": queue.on_date,
        "letter": queue.letter,
        "service": service,
        "count": count,
        "staff_id": actor.staff_id,
        "now": now,
    }
    made = ReservedNumbers(*(await session.execute(_RESERVE, given)).one())
    event = NumbersReserved(
        subject_id=made.id,
        unit_id=unit_id,
        service=service,
        device_id=device_id,
        letter=made.letter,
        first=made.first,
        last=made.last,
    )
    await record(session, actor, event)
    return made
