"""People without a usable contact: neither their own nor, for a minor, their holders'."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Assurance
from app.kernel.statements import StatementFiles
from app.registry.representation import is_minor_sql, registered_sql

_UNREACHABLE = StatementFiles(
    "app.registry", Assurance=Assurance, is_minor=is_minor_sql, is_registered=registered_sql
).load("unreachable")


async def unreachable(
    session: AsyncSession,
    people: Collection[UUID],
    day: date,
    needed: Assurance = Assurance.LOW,
    *,
    alone: bool = False,
) -> set[UUID]:
    """Return the people whom no message would reach on a day at this level of assurance. `alone`: ignore their
    holders."""
    if not people:
        return set()
    asked = {"people": list(people), "day": day, "needed": needed.value, "alone": alone}
    return set((await session.scalars(_UNREACHABLE, asked)).all())
