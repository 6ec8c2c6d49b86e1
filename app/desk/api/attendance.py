"""The day's list of a room: who has come, who was attended, and who did not come."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import AppointmentEnded
from app.appointments.queries.own import OwnAppointment
from app.clients.dependencies import AppointmentsApi
from app.clients.rules import ApiScope, sees
from app.desk import problems
from app.desk.queries.day_list import day_list
from app.desk.schemas.attendance import WITHOUT_PERSON, AttendanceOut, DayLineOut
from app.desk.service.attendance import record_attended, record_missed
from app.identity.dependencies import StaffApi
from app.kernel.actor import Client, Staff
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/desk", tags=["desk"], dependencies=[RECORDS_VIEWS])
Folio = Annotated[str, Path(max_length=20)]
CHANGE = (Unauthorized, NotFound, KeyReused, AppointmentEnded)


@router.get(
    "/units/{unit_id}/day-list",
    operation_id="list_day",
    summary="Appointments of a day, and who has come",
    responses=problem_responses(Unauthorized, NotFound, Invalid),
)
async def list_day(
    actor: AppointmentsApi,
    read: Read,
    unit_id: UUID,
    room: Annotated[int | None, Query(ge=1, le=999, description="Every room's when left out.")] = None,
    on_date: Annotated[date | None, Query(description="Today at the unit when left out.")] = None,
) -> list[DayLineOut]:
    """By time, without those that were cancelled. A client sees whose they are with the scope `appointments.people`."""
    rows = await day_list(read, actor, unit_id, room=room, on_date=on_date)
    found = [DayLineOut.model_validate(row) for row in rows]
    if isinstance(actor, Client) and not sees(actor, ApiScope.APPOINTMENT_PEOPLE):
        return [one.model_copy(update=WITHOUT_PERSON) for one in found]
    record_views(actor, ViewContext.DESK, {row.person_id: unit_id for row in rows})
    return found


@router.post(
    "/appointments/{folio}/attended",
    operation_id="record_attended",
    summary="The person was attended",
    response_model=AttendanceOut,
    responses=problem_responses(*CHANGE, problems.NotYetAttended),
)
async def post_attended(actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request) -> Response:
    """Called or not; it also corrects an absence that was recorded."""
    return await _answer(tx, actor, key, request, lambda: record_attended(tx, actor, folio))


@router.post(
    "/appointments/{folio}/missed",
    operation_id="record_missed",
    summary="The person did not come",
    response_model=AttendanceOut,
    responses=problem_responses(*CHANGE, problems.NotYetMissed, problems.PersonIsHere),
)
async def post_missed(actor: StaffApi, tx: Tx, folio: Folio, key: IdempotencyKey, request: Request) -> Response:
    """Never for who took a ticket. The end of the day does the same for who never checked in."""
    return await _answer(tx, actor, key, request, lambda: record_missed(tx, actor, folio))


async def _answer(
    tx: AsyncSession, actor: Staff, key: str, request: Request, change: Callable[[], Awaitable[OwnAppointment]]
) -> Response:
    async def make() -> Response:
        own = await change()
        record_views(actor, ViewContext.DESK, {own.person_id: own.unit_id})
        return json_response(
            AttendanceOut(folio=own.folio, status=own.status, version=own.version), 200, version=own.version
        )

    return await idempotent_response(tx, actor, key, request, make)
