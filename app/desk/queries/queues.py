"""What a unit attends and on which terms: its queues, and the services of its rooms."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.models import DeskQueue
from app.desk.rules.tickets import CALLS
from app.desk.rules.turns import TurnPolicy
from app.desk.statements import STATEMENTS
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.problems import NotFound

_SERVICES = STATEMENTS.load("attended_services")


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """How often a ticket is called before its person counts as absent, and how many minutes late one may be."""

    calls: int = CALLS
    tolerance: int = TurnPolicy().tolerance


async def queue_terms(session: AsyncSession, actor: Staff, unit_id: UUID) -> dict[str, QueueTerms]:
    """The terms of each queue of a unit, by service.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    found = select(DeskQueue.service, DeskQueue.calls, DeskQueue.tolerance).where(DeskQueue.unit_id == unit_id)
    return {service: QueueTerms(calls, tolerance) for service, calls, tolerance in await session.execute(found)}


async def attended_services(session: AsyncSession, actor: Staff, unit_id: UUID) -> dict[int | None, list[str]]:
    """The services that the schedules of each room give, by its number; under None, those that have a queue.

    Raises:
        NotFound: no such unit among the actor's.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    found: dict[int | None, list[str]] = {}
    for room, service in await session.execute(_SERVICES, {"unit_id": unit_id, "now": clock.now()}):
        found.setdefault(room, []).append(service)
    return found
