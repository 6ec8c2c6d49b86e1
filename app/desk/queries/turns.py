"""A turn as anyone sees it who holds its code: no name, and no service that would say why they came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.queries.lines import Waiting
from app.desk.rules.tickets import TicketStatus, printed_number
from app.desk.rules.turns import Turn
from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.kernel.problems import NotFound

_TURN = STATEMENTS.load("turn_by_code")


@dataclass(frozen=True, slots=True)
class TurnView:
    """A ticket of today. `place`: how many of its queue are called up to it, itself counted, while it waits. `counter`:
    where it is called to, and `counter_kind` whether that is a window, a consulting room or else. `waiting`: where it
    stands, for a forecast; None when it doesn't wait."""

    number: str
    unit_name: str
    timezone: str
    status: TicketStatus
    place: int | None
    counter: int | None
    counter_kind: str | None
    left_because: str | None
    called_at: datetime | None
    waiting: Waiting | None


async def turn_by_code(session: AsyncSession, code: str) -> TurnView:
    """The ticket of a code, on its own day.

    Raises:
        NotFound: no ticket of today has it.
    """
    row = (await session.execute(_TURN, {"code": code, "now": clock.now()})).one_or_none()
    if row is None:
        raise NotFound
    status = TicketStatus(row.status)
    waits = status is TicketStatus.WAITING
    waiting = Waiting(
        row.unit_id, row.id, row.service, row.letter, row.number, Turn(row.rank_at, row.first_at), row.room
    )
    return TurnView(
        printed_number(row.letter, row.number),
        row.unit_name,
        row.timezone,
        status,
        row.place if waits else None,
        row.counter,
        row.counter_kind,
        row.left_because,
        row.called_at if status is TicketStatus.CALLED else None,
        waiting if waits else None,
    )
