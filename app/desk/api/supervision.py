"""For supervisors: a unit now, and the rates of its appointments."""

from uuid import UUID

from fastapi import APIRouter

from app.desk.queries.supervision import overview_of, rates_of
from app.desk.schemas.supervision import OverviewOut, RatesOut
from app.identity.dependencies import StaffApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import Read
from app.kernel.problems import NotFound, Unauthorized

router = APIRouter(prefix="/api/v1/desk/units/{unit_id}", tags=["desk"])


@router.get(
    "/overview",
    operation_id="get_desk_overview",
    summary="Who serves and who waits at a unit now",
    responses=problem_responses(Unauthorized, NotFound),
)
async def get_desk_overview(actor: StaffApi, read: Read, unit_id: UUID) -> OverviewOut:
    """Counters, queues, the longest wait, and median and 90th percentile of today's waits with their counts."""
    return OverviewOut.model_validate(await overview_of(read, actor, unit_id))


@router.get(
    "/rates",
    operation_id="get_desk_rates",
    summary="Utilisation, no-shows and third next available time of a unit",
    responses=problem_responses(Unauthorized, NotFound),
)
async def get_desk_rates(actor: StaffApi, read: Read, unit_id: UUID) -> RatesOut:
    """Of this week and the four before it. A cancelled appointment is no part of the no-show rate."""
    return RatesOut.model_validate(await rates_of(read, actor, unit_id))
