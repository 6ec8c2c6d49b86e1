"""Reads of places."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.problems import NotFound
from app.places.models import Shift, Unit


async def unit_by_id(session: AsyncSession, unit_id: UUID) -> Unit:
    """The unit of this id.

    Raises:
        NotFound: there is none.
    """
    found = await session.get(Unit, unit_id)
    if found is None:
        raise NotFound
    return found


async def unit_by_clues(session: AsyncSession, clues: str) -> Unit:
    """The unit of this CLUES.

    Raises:
        NotFound: there is none.
    """
    found: Unit | None = await session.scalar(select(Unit).where(Unit.clues == clues.strip().upper()))
    if found is None:
        raise NotFound
    return found


async def list_units(
    session: AsyncSession,
    *,
    limit: int,
    after: str | None = None,
    state_code: str | None = None,
    postal_code: str | None = None,
) -> list[Unit]:
    """Units in operation by CLUES, after the given one."""
    chosen = select(Unit).where(Unit.is_operating).order_by(Unit.clues).limit(limit)
    if after is not None:
        chosen = chosen.where(Unit.clues > after)
    if state_code is not None:
        chosen = chosen.where(Unit.state_code == state_code)
    if postal_code is not None:
        chosen = chosen.where(Unit.postal_code == postal_code)
    return list((await session.scalars(chosen)).all())


async def shifts_of(session: AsyncSession, unit_id: UUID) -> list[Shift]:
    """The shifts of a unit, earliest first."""
    return list((await session.scalars(select(Shift).where(Shift.unit_id == unit_id).order_by(Shift.starts))).all())
