"""Bulk assignment: a supervisor assigns many requests to a member of staff."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.identity.service.staff import staff_by_id
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.problems import NotFound, Problem
from app.requests.service.claims import assign
from app.requests.service.decisions import BulkResult


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
