"""A unit's day as its reception sees it: who waits in each queue, and who has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.problems import NotFound

_QUEUES, _ARRIVALS = STATEMENTS.load("queues_now"), STATEMENTS.load("arrivals_of_day")
_SLIP = STATEMENTS.load("slip")


@dataclass(frozen=True, slots=True)
class QueueNow:
    """A queue that had someone today: how many wait, since when the one who has waited longest, how many came."""

    letter: str
    service: str
    waiting: int
    since: datetime | None
    arrived: int

    @property
    def longest_minutes(self) -> int | None:
        """Minutes that the longest wait has lasted, if anyone waits."""
        return (clock.now() - self.since) // timedelta(minutes=1) if self.since is not None else None


@dataclass(frozen=True, slots=True)
class Slip:
    """A ticket, and the code that opens its own page, `/turno/{code}`."""

    unit_id: UUID
    ticket_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class ReceptionDay:
    """The queues of today, and how many of today's appointments have their person here or attended."""

    queues: list[QueueNow]
    appointments: int
    arrived: int

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.queues)

    @property
    def longest_minutes(self) -> int | None:
        return max((one.longest_minutes for one in self.queues if one.longest_minutes is not None), default=None)


async def reception_day(session: AsyncSession, actor: Staff, unit_id: UUID) -> ReceptionDay:
    """Today at a unit.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    given = {"unit_id": unit_id, "now": clock.now()}
    queues = [QueueNow(*row) for row in await session.execute(_QUEUES, given)]
    appointments, arrived = (await session.execute(_ARRIVALS, given)).one()
    return ReceptionDay(queues, appointments, arrived)


async def find_slip(
    session: AsyncSession, units: Collection[UUID] | None, *, ticket_id: UUID | None = None, code: str | None = None
) -> Slip | None:
    """The ticket of one of these units, or of any (None), by its id or by the code on its slip."""
    wanted = {"id": ticket_id, "code": code, "units": None if units is None else list(units)}
    row = (await session.execute(_SLIP, wanted)).one_or_none()
    return Slip(*row) if row is not None else None
