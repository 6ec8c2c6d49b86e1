"""Who acted for a person at a counter or on the telephone, as the person reads it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service.assistance import served_of
from app.places.queries import units_by_id


@dataclass(frozen=True, slots=True)
class MyAssistance:
    """An assistance of the person: the clerk's role and unit, and how and when it was."""

    id: UUID
    channel: str
    role: str
    unit_name: str
    timezone: str
    identity: str | None
    document: str | None
    started_at: datetime
    until: datetime | None
    ended_by: str | None


async def my_assistances(
    session: AsyncSession, person_id: UUID, *, limit: int, after: UUID | None = None
) -> list[MyAssistance]:
    """The latest first, after the one of this id."""
    rows = await served_of(session, person_id, limit=limit, after=after)
    units = {unit.id: unit for unit in await units_by_id(session, {row.unit_id for row in rows})}
    return [
        MyAssistance(
            row.id,
            row.channel,
            row.role,
            units[row.unit_id].name,
            units[row.unit_id].timezone,
            row.identity,
            row.document,
            row.started_at,
            row.until,
            row.ended_by,
        )
        for row in rows
    ]
