"""The services offered, for anyone to read."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from app.catalog.definition import Group, Kind
from app.catalog.loader import get_service, load_services
from app.catalog.queries import service_version
from app.catalog.schemas import ServiceDetailOut, ServiceOut, service_detail_out, service_out
from app.identity.dependencies import AnonymousApi
from app.kernel.http.openapi import problem_responses, sends
from app.kernel.http.parameters import IfNoneMatch, Read
from app.kernel.http.responses import CACHED, cached_response
from app.kernel.problems import NotFound

router = APIRouter(prefix="/api/v1", tags=["services"])

ServiceId = Annotated[str, Path(max_length=60, examples=["weeks"])]


@router.get(
    "/services",
    operation_id="list_services",
    openapi_extra=sends("Cache-Control"),
    summary="Services offered",
    response_model=list[ServiceOut],
    responses=CACHED,
)
async def list_services(
    _actor: AnonymousApi,
    request: Request,
    _known: IfNoneMatch = None,
    group: Annotated[Group | None, Query(description="Of this section of the page.")] = None,
    kind: Annotated[Kind | None, Query(description="Decided in this way.")] = None,
) -> Response:
    """All of them, by id, or those of a group or kind."""
    offered = [service for _id, service in sorted(load_services().items())]
    wanted = [one for one in offered if group in (None, one.group) and kind in (None, one.kind)]
    return cached_response(request, [service_out(service) for service in wanted])


@router.get(
    "/services/{service_id}",
    operation_id="get_service",
    openapi_extra=sends("Cache-Control"),
    summary="One service: form, conditions, documents, decision",
    response_model=ServiceDetailOut,
    responses=CACHED | problem_responses(NotFound),
)
async def get_service_detail(
    _actor: AnonymousApi, request: Request, service_id: ServiceId, _known: IfNoneMatch = None
) -> Response:
    """All that a program needs to draw its form, file a request and decide it, in the language asked for."""
    return cached_response(request, service_detail_out(get_service(service_id)))


@router.get(
    "/services/{service_id}/versions/{version}",
    operation_id="get_service_version",
    openapi_extra=sends("Cache-Control"),
    summary="A service as it was in a version",
    response_model=ServiceDetailOut,
    responses=CACHED | problem_responses(NotFound),
)
async def get_service_version(
    _actor: AnonymousApi,
    read: Read,
    request: Request,
    service_id: ServiceId,
    version: Annotated[int, Path(ge=1, le=10_000)],
    _known: IfNoneMatch = None,
) -> Response:
    """By `service_version` of a request: it is asked for and decided by the version that it began with."""
    return cached_response(request, service_detail_out(await service_version(read, service_id, version)))
