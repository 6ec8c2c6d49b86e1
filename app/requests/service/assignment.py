"""Who works on a request changes: a supervisor assigns many at once, or a member of staff may no longer do it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import StaffMember
from app.identity.permissions import Action, require, roles_for
from app.identity.service import staff_accounts
from app.identity.service.staff import staff_by_id
from app.kernel.actor import Actor, Role, Staff
from app.kernel.db import savepoint
from app.kernel.events import record
from app.kernel.problems import NotFound, Problem
from app.requests.events import WorkReleased
from app.requests.models import NO_UNIT, WorkItem
from app.requests.queries.queue import roles_of
from app.requests.service.claims import assign
from app.requests.service.decisions import BulkResult


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
        event = WorkReleased(
            subject_id=item.request_id,
            person_id=item.person_id,
            unit_id=item.unit_id if item.unit_id != NO_UNIT else None,
            service=item.service,
            folio=item.folio,
            holder_id=staff_id,
            lapsed=False,
        )
        await record(session, actor, event)


async def bulk_assign(session: AsyncSession, actor: Staff, folios: Sequence[str], staff_id: UUID) -> list[BulkResult]:
    """Give these to one member of staff. Each stands by itself: one that can't be theirs says why.

    Raises:
        WrongRole: not a supervisor. NotFound: there is no such member of staff.
    """
    require(actor, Action.SUPERVISE_REQUESTS)
    if await staff_by_id(session, staff_id) is None:
        raise NotFound
    lines: list[BulkResult] = []
    for folio in dict.fromkeys(folios):
        try:
            async with savepoint(session):
                await assign(session, actor, folio, staff_id)
            lines.append(BulkResult(folio, outcome="assigned"))
        except Problem as problem:
            lines.append(BulkResult(folio, problem))
    return lines
