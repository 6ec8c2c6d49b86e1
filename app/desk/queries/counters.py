"""Counters of a unit: who sits where, since when and with which ticket."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel.actor import Staff
from app.kernel.problems import NotFound

_COUNTERS = STATEMENTS.load("counters_of_unit")
_MINE = STATEMENTS.load("my_counter")


@dataclass(frozen=True, slots=True)
class CounterView:
    """A window or room, and who sits there: nothing after its name when it is closed. `ticket_id`: the one it has."""

    unit_id: UUID
    counter: int
    kind: str
    name: str
    session_id: UUID | None
    staff_id: UUID | None
    staff_name: str | None
    services: list[str] | None
    status: str | None
    changed_at: datetime | None
    ticket_id: UUID | None
    ticket_number: str | None
    ticket_version: int | None


async def counters_of(session: AsyncSession, actor: Staff, unit_id: UUID) -> list[CounterView]:
    """Every window and room of a unit, by number.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    return [CounterView(*row) for row in await session.execute(_COUNTERS, {"unit_id": unit_id})]


async def my_counter(session: AsyncSession, actor: Staff) -> CounterView | None:
    """Where the actor sits, if anywhere."""
    row = (await session.execute(_MINE, {"me": actor.staff_id})).one_or_none()
    return CounterView(*row) if row is not None else None
