"""What devices recorded offline, and what became of it: conflicts that wait for someone first."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.problems import NotFound

_ENTRIES = STATEMENTS.load("offline_entries")
_QUEUES = STATEMENTS.load("queue_services")
MAX_SHOWN = 500


@dataclass(frozen=True, slots=True)
class OfflineView:
    """An entry, whom it is about where that is known, and the number that their ticket has now."""

    id: UUID
    kind: str
    folio: str | None
    person_id: UUID | None
    full_name: str | None
    service: str | None
    number: str | None
    ticket_number: str | None
    ticket_id: UUID | None
    device_id: UUID
    device_at: datetime
    offset_seconds: int
    happened_at: datetime
    received_at: datetime
    status: str
    reason: str | None
    resolved_at: datetime | None
    timezone: str

    @property
    def is_open(self) -> bool:
        """Whether it is a conflict that no one has dealt with."""
        return self.reason is not None and self.resolved_at is None


async def offline_entries(
    session: AsyncSession, actor: Staff, unit_id: UUID, *, on_date: date | None = None, conflicts_only: bool = False
) -> list[OfflineView]:
    """Conflicts of any day that wait for someone, and every entry of a day: today when none is named.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    given = {
        "unit_id": unit_id,
        "on_date": on_date,
        "conflicts_only": conflicts_only,
        "now": clock.now(),
        "limit": MAX_SHOWN,
    }
    return [OfflineView(*row) for row in await session.execute(_ENTRIES, given)]


async def queue_services(session: AsyncSession, unit_id: UUID) -> list[str]:
    """The services for which a unit has a queue: those of which a device reserves numbers."""
    return list(await session.scalars(_QUEUES, {"unit_id": unit_id}))
