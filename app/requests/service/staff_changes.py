"""Staff changes and claimed work: work they may no longer do returns to the queue."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import StaffMember
from app.identity.permissions import Action, roles_for
from app.identity.service import staff_accounts
from app.kernel.actor import Actor, Role
from app.kernel.events import record
from app.requests.events import WorkReleased
from app.requests.models import WorkItem
from app.requests.service.cases import NO_UNIT
from app.requests.service.claims import roles_of


async def deactivate_staff(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, version: int | None = None, even_last: bool = False
) -> StaffMember:
    """Deactivate a member of staff and free everything they had.

    Raises:
        What `staff_accounts.deactivate_staff` raises.
    """
    member = await staff_accounts.deactivate_staff(session, actor, staff_id, version=version, even_last=even_last)
    await _free(session, actor, staff_id, await _held(session, staff_id))
    return member


async def change_staff(
    session: AsyncSession,
    actor: Actor,
    staff_id: UUID,
    *,
    role: Role,
    unit_ids: Collection[UUID] | None,
    version: int | None = None,
) -> StaffMember:
    """Give another role or other units, and free what they may no longer work on.

    Raises:
        What `staff_accounts.change_staff` raises.
    """
    member = await staff_accounts.change_staff(session, actor, staff_id, role=role, unit_ids=unit_ids, version=version)
    held = await _held(session, staff_id)
    await _free(session, actor, staff_id, [item for item in held if not _may_work_on(item, role, unit_ids)])
    return member


def _may_work_on(item: WorkItem, role: Role, unit_ids: Collection[UUID] | None) -> bool:
    if role not in roles_for(Action.WORK_REQUESTS) or item.role not in roles_of(role):
        return False
    return unit_ids is None or item.unit_id in unit_ids


async def _held(session: AsyncSession, staff_id: UUID) -> list[WorkItem]:
    held = select(WorkItem).where(WorkItem.holder_id == staff_id).order_by(WorkItem.request_id).with_for_update()
    return list((await session.scalars(held)).all())


async def _free(session: AsyncSession, actor: Actor, staff_id: UUID, items: Collection[WorkItem]) -> None:
    for item in items:
        item.holder_id, item.lease_until, item.claim_key = None, None, None
    await session.flush()
    for item in items:
        fact = WorkReleased(
            subject_id=item.request_id,
            person_id=item.person_id,
            unit_id=item.unit_id if item.unit_id != NO_UNIT else None,
            service=item.service,
            folio=item.folio,
            holder_id=staff_id,
            lapsed=False,
        )
        await record(session, actor, fact)
