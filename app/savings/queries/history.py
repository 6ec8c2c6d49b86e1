"""Who changed which parameter of a version, and when: read from the event log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import StaffMember
from app.kernel.events import EventRow
from app.savings.events import BaselinePublished, DraftDiscarded, ParameterChanged

MAX_SHOWN = 200
What = Literal["changed", "published", "discarded"]
DONE: dict[str, What] = {
    ParameterChanged.type: "changed",
    BaselinePublished.type: "published",
    DraftDiscarded.type: "discarded",
}


def subject_of(version: int) -> UUID:
    """What events of a version are about: its number as an id. Other ids begin with their time: none is as small."""
    return UUID(int=version)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a version; `parameter` is empty unless parameters were changed, `*` when all were. `who` is None
    for the portal itself."""

    at: datetime
    who: str | None
    what: What
    parameter: str
    before: str
    after: str


async def history_of(session: AsyncSession, version: int) -> Sequence[Change]:
    """What happened to a version, newest first; the last changes of very many."""
    statement = (
        select(EventRow.at, StaffMember.full_name, EventRow.type, EventRow.payload)
        .outerjoin(StaffMember, StaffMember.id == EventRow.actor_id)
        .where(EventRow.subject_id == subject_of(version), EventRow.type.in_(DONE))
        .order_by(EventRow.id.desc())
        .limit(MAX_SHOWN)
    )
    rows = (await session.execute(statement)).all()
    return [
        Change(at, who, DONE[type_], *(values.get(name, "") for name in ("parameter", "before", "after")))
        for at, who, type_, values in rows
    ]
