"""For staff: the appointments that can't take place as booked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.schemas import AffectedOut
from app.appointments.service import closures
from app.identity.dependencies import StaffApi
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import PageQuery, Read
from app.kernel.http.responses import set_links
from app.kernel.paging import bad_cursor, encode_cursor
from app.kernel.parsing import iso_instant
from app.kernel.problems import NotFound, Unauthorized
from app.places.queries import zone_of
from app.registry.access_log import ViewContext, record_views
from app.registry.reachability import unreachable
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["schedules"], dependencies=[RECORDS_VIEWS])


async def affected_out(
    session: AsyncSession, actor: Staff, unit_id: UUID | None, found: Sequence[closures.Affected]
) -> list[AffectedOut]:
    """Return each with whether the person can be reached by a message."""
    record_views(actor, ViewContext.APPOINTMENT, dict.fromkeys({one.person_id for one in found}, unit_id))
    today = clock.today(await zone_of(session, unit_id))
    mute = await unreachable(session, {one.person_id for one in found}, today)
    return [
        AffectedOut(
            folio=one.folio,
            person_id=one.person_id,
            service=one.service,
            room=one.room,
            start_at=one.start_at,
            reason=one.reason,
            reachable=one.person_id not in mute,
        )
        for one in found
    ]


@router.get(
    "/affected-appointments",
    operation_id="list_affected_appointments",
    summary="Appointments of a unit that can't take place as booked",
    responses=problem_responses(Unauthorized, NotFound, problems.UnitNotManaged),
)
async def list_affected_appointments(
    actor: StaffApi, read: Read, unit: UUID, page: PageQuery, request: Request, response: Response
) -> list[AffectedOut]:
    """By time, whatever the cause: a closure, a day off, an ended schedule, a unit out of operation."""
    after = _after(page.after)
    rows = await closures.affected_at(read, actor, unit, limit=page.limit + 1, after=after)
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    set_links(response, request, encode_cursor(shown[-1].start_at.isoformat(), shown[-1].folio) if more else None)
    return await affected_out(read, actor, unit, shown)


def _after(values: list[object] | None) -> tuple[datetime, str] | None:
    if values is None:
        return None
    try:
        moment, folio = values
        return iso_instant(str(moment)), ids.parse_folio(str(folio))
    except ValueError as error:
        raise bad_cursor() from error
