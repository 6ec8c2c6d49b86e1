"""Who changed which figure of a version, and when: read from the event log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import StaffMember
from app.kernel.facts import EventRow

MOST_SHOWN = 200


def subject_of(version: int) -> UUID:
    """What events of a version are about: its number as an id. Other ids begin with their time: none is as small."""
    return UUID(int=version)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a draft, or its publication: then `figure` is empty. `who` is None for the portal itself."""

    at: datetime
    who: str | None
    figure: str
    before: str
    after: str


async def history_of(session: AsyncSession, version: int) -> Sequence[Change]:
    """What happened to a version, newest first; the last changes of very many."""
    wanted = (
        select(EventRow.at, StaffMember.full_name, EventRow.payload)
        .outerjoin(StaffMember, StaffMember.id == EventRow.actor_id)
        .where(EventRow.subject_id == subject_of(version), EventRow.type.startswith("baseline."))
        .order_by(EventRow.id.desc())
        .limit(MOST_SHOWN)
    )
    rows = (await session.execute(wanted)).all()
    return [
        Change(at, who, said.get("figure", ""), said.get("before", ""), said.get("after", "")) for at, who, said in rows
    ]
