"""What the record of views holds, and views to put there."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.kernel import clock, ids
from app.registry.access_log import ViewContext
from app.registry.models import PersonalDataView
from tests.requests.conftest import Scene


@dataclass(frozen=True)
class Seen:
    """A row of the record, as a test compares it."""

    reader_id: UUID
    role: str
    unit_id: UUID | None
    contexts: set[str]


async def views(scene: Scene, person_id: UUID | None = None) -> list[Seen]:
    """What is recorded of a person, of Ana unless said, oldest first."""
    wanted = select(PersonalDataView).where(PersonalDataView.person_id == (person_id or scene.ana.id))
    async with scene.db.transaction() as session:
        rows = (await session.scalars(wanted.order_by(PersonalDataView.id))).all()
    return [Seen(row.reader_id, row.role, row.unit_id, set(row.contexts)) for row in rows]


async def seen(scene: Scene, at: datetime | None = None, *, reader_id: UUID | None = None) -> UUID:
    """A view of Ana's case by the officer, or by another reader, at an instant; its id."""
    at = at or clock.now()
    row_id = UUID(int=ids.uuid7_at(at).int | (ids.new_id().int & ((1 << 62) - 1)))
    async with scene.db.transaction() as session:
        session.add(
            PersonalDataView(
                id=row_id,
                person_id=scene.ana.id,
                reader_kind="staff",
                reader_id=reader_id or scene.officer.staff_id,
                hour=at.replace(minute=0, second=0, microsecond=0),
                seen_at=at,
                role="officer",
                unit_id=scene.unit.id,
                contexts=[ViewContext.CASE],
                channel="desk",
            )
        )
    return row_id
