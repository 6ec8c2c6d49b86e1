"""How the wait list of a unit did, for its supervisor: what became of freed seats, offers and answers by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.small_groups import suppress
from app.appointments.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import unit_by_id

_TOTALS = STATEMENTS.load("wait_list/fairness_totals")
_GROUPS = STATEMENTS.load("wait_list/fairness_groups")
_LOG = STATEMENTS.load("wait_list/log")
DAYS = 90


@dataclass(frozen=True, slots=True)
class Group:
    """The wait list of a group. Suppressed, its figures are None."""

    dimension: str
    value: str
    entries: int | None
    offers: int | None
    accepted: int | None
    declined: int | None
    expired: int | None
    unreachable: int | None
    median_minutes: float | None

    @property
    def acceptance_share(self) -> float | None:
        """Accepted offers over offers."""
        return self.accepted / self.offers if self.offers and self.accepted is not None else None


@dataclass(frozen=True, slots=True)
class Fairness:
    """The wait list of a unit between two days."""

    first: date
    last: date
    freed: int
    filled: int
    returned: int
    median_minutes: float | None
    p90_minutes: float | None
    groups: Sequence[Group]

    @property
    def filled_share(self) -> float | None:
        """Accepted seats over freed seats."""
        return self.filled / self.freed if self.freed else None


async def fairness_of(session: AsyncSession, actor: Staff, unit_id: UUID) -> Fairness:
    """Of the last 90 days. Of two or more groups of a dimension of which one is small, the smallest other one is
    suppressed too, so that the sum doesn't show it.

    Raises:
        NotFound: no such unit among those that the actor supervises.
    """
    unit = await _supervised(session, actor, unit_id)
    last = clock.today(unit.timezone)
    first = last - timedelta(days=DAYS)
    params = {"unit_id": unit_id, "first": first, "last": last}
    total = (await session.execute(_TOTALS, params)).one()
    groups = [Group(*row) for row in await session.execute(_GROUPS, params)]
    return Fairness(
        first,
        last,
        total.freed,
        total.filled,
        total.returned,
        total.median_minutes,
        total.p90_minutes,
        suppress(groups, "entries"),
    )


@dataclass(frozen=True, slots=True)
class Logged:
    """An offer in the log."""

    id: UUID
    entry_id: UUID
    service: str
    room: int
    start_at: datetime
    freed_at: datetime
    need: str
    asked_at: datetime
    place: int
    candidates: int
    made_at: datetime
    expires_at: datetime
    answer: str | None
    answered_at: datetime | None


async def log_of(
    session: AsyncSession, actor: Staff, unit_id: UUID, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[Logged]:
    """The offers of a unit, latest first. They name no one.

    Raises:
        NotFound: no such unit among those that the actor supervises.
    """
    await _supervised(session, actor, unit_id)
    after_at, after_id = after or (None, None)
    params = {"unit_id": unit_id, "after_at": after_at, "after_id": after_id, "limit": limit}
    return [Logged(*row) for row in await session.execute(_LOG, params)]


async def _supervised(session: AsyncSession, actor: Staff, unit_id: UUID) -> Unit:
    if not may_at(actor, Action.MANAGE_SCHEDULES, unit_id):
        raise NotFound
    return await unit_by_id(session, unit_id)
