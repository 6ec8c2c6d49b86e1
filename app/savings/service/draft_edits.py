"""Edits of a draft under If-Match."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.etags import require_match
from app.savings import queries
from app.savings.models import Baseline
from app.savings.problems import BaselineUnknown


async def require_current(session: AsyncSession, actor: Staff, version: int, if_match: str | None) -> None:
    """Lock a version, and refuse an edit based on an older state of its parameters.

    Raises:
        WrongRole; BaselineUnknown; PreconditionRequired; Stale.
    """
    await require_version(session, actor, version, lock=True)
    require_match(if_match, await queries.mark_of(session, version))


async def require_version(session: AsyncSession, actor: Staff, version: int, *, lock: bool = False) -> Baseline:
    """A version, for an analyst.

    Raises:
        WrongRole; BaselineUnknown.
    """
    require(actor, Action.MANAGE_SAVINGS)
    row = await session.get(Baseline, version, with_for_update=lock)
    if row is None:
        raise BaselineUnknown
    return row
