"""For devices that go on working without a connection: numbers in advance, and what they recorded, sent afterwards."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.appointments.problems import ServiceUnknown
from app.desk.models import OfflineEntry
from app.desk.problems import AlreadyWaiting
from app.desk.queries.offline import offline_entries
from app.desk.schemas.offline import BatchIn, EntryOut, NumberRangeIn, NumberRangeOut, OfflineEntryOut
from app.desk.service.number_ranges import reserve_numbers
from app.desk.service.offline import receive_entries, resolve_conflict
from app.identity.dependencies import StaffApi
from app.identity.problems import WrongRole
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/desk/units/{unit_id}", tags=["desk"], dependencies=[RECORDS_VIEWS])


@router.post(
    "/number-ranges",
    operation_id="reserve_numbers",
    status_code=201,
    summary="Reserve numbers for a device",
    response_model=NumberRangeOut,
    responses=problem_responses(Unauthorized, WrongRole, NotFound, Invalid, KeyReused, ServiceUnknown),
)
async def post_number_range(
    actor: StaffApi, tx: Tx, unit_id: UUID, body: NumberRangeIn, key: IdempotencyKey, request: Request
) -> Response:
    """Before it goes offline. They are of today; what isn't given stays unused, and no one else gives it."""

    async def make() -> Response:
        made = await reserve_numbers(tx, actor, unit_id, body.device_id, body.service, body.count)
        return json_response(NumberRangeOut.model_validate(made), 201)

    return await idempotent_response(tx, actor, key, request, make)


@router.post(
    "/offline-entries",
    operation_id="send_offline_entries",
    summary="Send what was recorded offline",
    responses=problem_responses(Unauthorized, WrongRole, NotFound, Invalid, KeyReused, AlreadyWaiting),
)
async def post_offline_entries(actor: StaffApi, tx: Tx, unit_id: UUID, body: BatchIn) -> list[EntryOut]:
    """In any order and as often as it takes: each entry has its own id, and counts once."""
    rows: list[OfflineEntry] = await receive_entries(tx, actor, unit_id, body.sent())
    return [EntryOut.model_validate(row) for row in rows]


@router.get(
    "/offline-entries",
    operation_id="list_offline_entries",
    summary="What was recorded offline, and what became of it",
    responses=problem_responses(Unauthorized, NotFound, Invalid),
)
async def list_offline_entries(
    actor: StaffApi,
    read: Read,
    unit_id: UUID,
    on_date: Annotated[date | None, Query(description="Today at the unit when left out.")] = None,
    conflicts: Annotated[bool, Query(description="Conflicts only.")] = False,
) -> list[OfflineEntryOut]:
    """Conflicts of any day that no one has dealt with, then the entries of the day."""
    rows = await offline_entries(read, actor, unit_id, on_date=on_date, conflicts_only=conflicts)
    record_views(actor, ViewContext.DESK, {row.person_id: unit_id for row in rows if row.person_id is not None})
    return [OfflineEntryOut.model_validate(row) for row in rows]


@router.post(
    "/offline-entries/{entry_id}/resolve",
    operation_id="resolve_offline_conflict",
    summary="A conflict was dealt with",
    response_model=EntryOut,
    responses=problem_responses(Unauthorized, NotFound, KeyReused),
)
async def post_resolved(
    actor: StaffApi, tx: Tx, unit_id: UUID, entry_id: UUID, key: IdempotencyKey, request: Request
) -> Response:
    """It is shown no more. What is done about it is done by the other routes of the desk."""

    async def make() -> Response:
        row = await resolve_conflict(tx, actor, unit_id, entry_id)
        return json_response(EntryOut.model_validate(row), 200)

    return await idempotent_response(tx, actor, key, request, make)
