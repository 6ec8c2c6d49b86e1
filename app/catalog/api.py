"""The services offered, for anyone to read."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.catalog.loader import get_service, load_services
from app.catalog.schemas import ServiceDetailOut, ServiceOut, service_detail_out, service_out
from app.identity.dependencies import AnonymousApi
from app.kernel.http.openapi import problem_responses
from app.kernel.problems import NotFound

router = APIRouter(prefix="/api/v1", tags=["services"])

ServiceId = Annotated[str, Path(max_length=60, examples=["weeks"])]


@router.get("/services", operation_id="list_services", summary="Services offered")
async def list_services(_actor: AnonymousApi) -> list[ServiceOut]:
    """All of them, by id."""
    return [service_out(service) for _id, service in sorted(load_services().items())]


@router.get(
    "/services/{service_id}",
    operation_id="get_service",
    summary="One service: form, conditions, documents",
    responses=problem_responses(NotFound),
)
async def get_service_detail(_actor: AnonymousApi, service_id: ServiceId) -> ServiceDetailOut:
    """What a program needs to file a request."""
    return service_detail_out(get_service(service_id))
