"""Requests of people who can't be reached by a message: staff notify them in person."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.queries import service_version
from app.kernel import clock
from app.kernel.actor import Assurance
from app.places.queries import zone_of
from app.registry.reachability import unreachable
from app.requests.models import Request
from app.requests.queries.own import applicant_of

Group = tuple[UUID | None, Assurance]


async def unreachable_requests(session: AsyncSession, rows: Sequence[Request]) -> set[UUID]:
    """The ids of those requests of which neither the person (for a child, those they depend on) nor who filed it for
    them can be notified."""
    groups: dict[Group, list[Request]] = {}
    for row in rows:
        service = await service_version(session, row.service, row.service_version)
        groups.setdefault((row.unit_id, Assurance(service.assurance)), []).append(row)
    found = set()
    for (unit_id, needed), there in groups.items():
        today = clock.today(await zone_of(session, unit_id))
        mute = await unreachable(session, {row.person_id for row in there}, today, needed)
        for row in there:
            if row.person_id not in mute:
                continue
            helper = await applicant_of(session, row.person_id, row.id) if row.applicant_id != row.person_id else None
            if helper is None or await unreachable(session, {helper}, today, Assurance.FULL, alone=True):
                found.add(row.id)
    return found
