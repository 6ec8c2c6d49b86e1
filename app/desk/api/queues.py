"""Queues of a unit and their terms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from app.appointments.problems import ServiceUnknown, UnitNotManaged
from app.clients.dependencies import TicketsApi
from app.desk.schemas.counters import QueueOut, QueueTermsIn
from app.desk.service.queues import change_terms, queues_of
from app.identity.dependencies import StaffApi
from app.kernel.etags import versions_of
from app.kernel.http.merge_patch import MergePatch, patch_body
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IfMatch, Read, Tx
from app.kernel.http.responses import json_response
from app.kernel.problems import Invalid, MediaTypeUnsupported, NotFound, PreconditionRequired, Stale, Unauthorized

router = APIRouter(prefix="/api/v1/desk/units/{unit_id}/queues", tags=["desk"])


@router.get(
    "", operation_id="list_queues", summary="Queues of a unit", responses=problem_responses(Unauthorized, NotFound)
)
async def list_queues(actor: TicketsApi, read: Read, unit_id: UUID) -> list[QueueOut]:
    """By letter: those that someone has come for, with their terms."""
    return [QueueOut.model_validate(row) for row in await queues_of(read, actor, unit_id)]


@router.patch(
    "/{service}",
    operation_id="change_queue_terms",
    openapi_extra=patch_body("QueueTermsIn"),
    summary="Change the terms of a queue",
    response_model=QueueOut,
    responses=problem_responses(
        Unauthorized,
        NotFound,
        Invalid,
        UnitNotManaged,
        ServiceUnknown,
        Stale,
        PreconditionRequired,
        MediaTypeUnsupported,
    ),
)
async def change_queue_terms(
    actor: StaffApi,
    _patch: MergePatch,
    tx: Tx,
    unit_id: UUID,
    service: Annotated[str, Path(max_length=60)],
    body: QueueTermsIn,
    if_match: IfMatch = None,
) -> Response:
    """For who arrives from now on; those who wait keep their place."""
    given = body.model_dump(exclude_unset=True)
    queue = await change_terms(tx, actor, unit_id, service, given, version=versions_of(if_match))
    return json_response(QueueOut.model_validate(queue), 200, version=queue.version)
