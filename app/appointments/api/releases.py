"""When seats that can't be booked yet are released; for supervisors how the releases did."""

from uuid import UUID

from fastapi import APIRouter

from app.appointments.queries.release_fairness import release_fairness
from app.appointments.queries.releases import next_releases
from app.appointments.release_schemas import NextReleaseOut, ReleaseFairnessOut
from app.appointments.schemas import Service
from app.identity.dependencies import AnonymousApi, StaffApi
from app.kernel import clock
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read
from app.kernel.problems import NotFound, Unauthorized
from app.places.queries import unit_by_id

router = APIRouter(prefix="/api/v1", tags=["fair release"])


@router.get(
    "/units/{unit_id}/releases",
    operation_id="list_next_releases",
    summary="When the next seats of a service at a unit are released",
    responses=problem_responses(NotFound),
)
async def list_next_releases(_actor: AnonymousApi, read: Read, unit_id: UUID, service: Service) -> list[NextReleaseOut]:
    """Up to three, soonest first: of schedules that release their seats in waves or by draw. Public."""
    unit = await unit_by_id(read, unit_id)
    found = await next_releases(read, unit_id, service, clock.today(unit.timezone))
    return [NextReleaseOut.model_validate(one) for one in found]


@router.get(
    "/units/{unit_id}/releases/fairness",
    operation_id="get_release_fairness",
    summary="How a unit's seats were released, and who got them by group",
    responses=problem_responses(Unauthorized, NotFound),
)
async def get_release_fairness(actor: StaffApi, read: Read, unit_id: UUID) -> ReleaseFairnessOut:
    """Of the last 90 days, for its supervisor. Small groups are suppressed."""
    return ReleaseFairnessOut.model_validate(await release_fairness(read, actor, unit_id))
