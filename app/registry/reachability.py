"""People without a usable contact: neither their own nor, for a minor, their holders'."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Assurance
from app.registry.representation import is_minor_sql, registered_sql

# A contact of the account, as sure as needed and not frozen, or the registry's. A holder's must be as sure as can be.
_UNREACHABLE = text(
    f"""
    SELECT p.id FROM person p WHERE p.id = ANY(CAST(:people AS uuid[])) AND NOT EXISTS (
        SELECT 1 FROM (
            SELECT p.id AS id, CAST(:needed AS text) AS needed
            UNION ALL
            SELECT d.holder_id, 'full' FROM dependant d
            WHERE NOT :alone AND d.person_id = p.id AND {registered_sql("d", "CAST(:day AS date)")}
                AND {is_minor_sql("p.birth_on", "CAST(:day AS date)")}
        ) who
        JOIN person q ON q.id = who.id LEFT JOIN account a ON a.person_id = q.id
        WHERE q.email <> '' OR q.phone <> ''
            OR (a.frozen_at IS NULL AND (a.email IS NOT NULL OR a.phone IS NOT NULL)
                AND (who.needed = 'low' OR a.assurance = 'full'))
    )
    """
)


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
