"""The published terms of a unit's queues: how late one may be, where those without an appointment stand, how long a
wait may become."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import UnitNotManaged
from app.appointments.rules import policy_of
from app.clients.rules import ApiScope, may_read_at
from app.desk.events import QueueTermsChanged
from app.desk.models import DeskQueue
from app.desk.statements import LOCK_UNIT, OPEN_QUEUE
from app.identity.permissions import Action, may_at
from app.kernel.actor import Client, Staff
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.places.queries import unit_by_id

TERMS = ("tolerance", "walk_in_offset", "protected", "appointment_target", "walk_in_target", "grace", "calls")
LIMITS: dict[str, tuple[int, int]] = {
    "tolerance": (0, 120),
    "walk_in_offset": (0, 240),
    "protected": (0, 240),
    "appointment_target": (1, 600),
    "walk_in_target": (1, 600),
    "grace": (0, 600),
    "calls": (1, 10),
}
"""The least and the most of each, as the table has them."""


async def queues_of(session: AsyncSession, actor: Staff | Client, unit_id: UUID) -> list[DeskQueue]:
    """The queues of a unit by letter: those that someone has come for.

    Raises:
        NotFound: the actor doesn't attend people there.
    """
    if not may_read_at(actor, ApiScope.TICKETS, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    found = select(DeskQueue).where(DeskQueue.unit_id == unit_id).order_by(DeskQueue.letter)
    return list(await session.scalars(found))


async def change_terms(
    session: AsyncSession,
    actor: Staff,
    unit_id: UUID,
    service: str,
    terms: Mapping[str, int],
    *,
    version: Versions = None,
) -> DeskQueue:
    """Change the terms of a queue, by name; it is opened if no one has come for it yet. Who has a ticket keeps their
    place: it was fixed when they arrived.

    Raises:
        UnitNotManaged: the actor doesn't manage the unit. NotFound: no such unit. ServiceUnknown. Stale: the terms
        aren't at `version` any more.
    """
    if not may_at(actor, Action.MANAGE_SCHEDULES, unit_id):
        raise UnitNotManaged
    policy_of(service)
    await unit_by_id(session, unit_id)
    names = {"unit_id": unit_id, "service": service}
    await session.execute(LOCK_UNIT, names)
    await session.execute(OPEN_QUEUE, names)
    queue = await session.get_one(DeskQueue, (unit_id, service), with_for_update=True, populate_existing=True)
    require_version(version, queue.version)
    if all(getattr(queue, name) == value for name, value in terms.items()):
        return queue
    for name, value in terms.items():
        setattr(queue, name, value)
    queue.version += 1
    await session.flush()
    changed = QueueTermsChanged(
        subject_id=unit_id, unit_id=unit_id, service=service, **{name: getattr(queue, name) for name in TERMS}
    )
    await record(session, actor, changed)
    return queue
