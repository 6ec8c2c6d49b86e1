"""Counters: sit down, pause, leave, and call the next ticket."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.problems import ServiceUnknown
from app.desk import problems
from app.desk.models import CounterSession
from app.desk.queries.counters import counters_of, my_counter
from app.desk.schemas.counters import CallOut, CounterIn, CounterOut
from app.desk.service import calls, counters
from app.desk.service.counters import Seat
from app.identity.dependencies import StaffApi, StaffToken
from app.identity.problems import WrongRole
from app.kernel.actor import Staff
from app.kernel.db import grouped_statements
from app.kernel.etags import etag
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.problems import Invalid, KeyReused, NotFound, Unauthorized

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])
STAFF = (Unauthorized, NotFound)
MINE = (Unauthorized, KeyReused, problems.CounterClosed)


@router.post(
    "/counter/calls",
    operation_id="call_next",
    summary="Call the ticket that comes first",
    responses=problem_responses(
        Unauthorized, WrongRole, problems.CounterClosed, problems.CounterBusy, problems.QueueIsEmpty
    ),
)
async def call_next(token: StaffToken, key: IdempotencyKey, response: Response) -> CallOut:
    """Of the services of the counter where you sit. Two counters never get the same ticket; the same key again gives
    the same one. The answer's ETag is the version to send in If-Match with what is done next."""
    called = await calls.call_next(grouped_statements(), token.subject_id, key, family=token.family_id)
    response.headers["ETag"] = etag(called.version)
    return CallOut.model_validate(called)


@router.get(
    "/units/{unit_id}/counters",
    operation_id="list_counters",
    summary="Counters of a unit, and who sits there",
    responses=problem_responses(*STAFF),
)
async def list_counters(actor: StaffApi, read: Read, unit_id: UUID) -> list[CounterOut]:
    """Every window and room, by number; those without a session are closed."""
    return [CounterOut.model_validate(row) for row in await counters_of(read, actor, unit_id)]


@router.get(
    "/counter",
    operation_id="get_my_counter",
    summary="Where you sit, and the ticket you have",
    responses=problem_responses(Unauthorized, problems.CounterClosed),
)
async def get_my_counter(actor: StaffApi, read: Read) -> CounterOut:
    """The ticket itself is at `/desk/units/{unit_id}/tickets/{ticket_id}`."""
    found = await my_counter(read, actor)
    if found is None:
        raise problems.CounterClosed
    return CounterOut.model_validate(found)


@router.post(
    "/counter",
    operation_id="open_counter",
    status_code=201,
    summary="Sit down at a counter",
    response_model=CounterOut,
    responses=problem_responses(*STAFF, WrongRole, KeyReused, Invalid, ServiceUnknown, problems.CounterTaken),
)
async def open_counter(actor: StaffApi, tx: Tx, body: CounterIn, key: IdempotencyKey, request: Request) -> Response:
    """A counter has one member of staff, and each sits at one."""

    async def open_it() -> CounterSession:
        return await counters.open_counter(tx, actor, Seat(body.unit_id, body.counter), body.services)

    return await _answer(tx, actor, key, request, open_it, 201)


@router.post(
    "/counter/pause",
    operation_id="pause_counter",
    summary="Stop calling for a while",
    response_model=CounterOut,
    responses=problem_responses(*MINE),
)
async def pause_counter(actor: StaffApi, tx: Tx, key: IdempotencyKey, request: Request) -> Response:
    """The ticket at the counter stays there."""
    return await _answer(tx, actor, key, request, lambda: counters.pause_counter(tx, actor))


@router.post(
    "/counter/resume",
    operation_id="resume_counter",
    summary="Go on calling",
    response_model=CounterOut,
    responses=problem_responses(*MINE),
)
async def resume_counter(actor: StaffApi, tx: Tx, key: IdempotencyKey, request: Request) -> Response:
    """After a pause."""
    return await _answer(tx, actor, key, request, lambda: counters.resume_counter(tx, actor))


@router.post(
    "/counter/close",
    operation_id="close_counter",
    status_code=204,
    summary="Leave the counter",
    responses=problem_responses(*MINE, problems.CounterBusy),
)
async def close_counter(actor: StaffApi, tx: Tx, key: IdempotencyKey, request: Request) -> Response:
    """Its ticket must be ended, parked or transferred before."""

    async def make() -> Response:
        await counters.close_counter(tx, actor)
        return Response(status_code=204)

    return await idempotent_response(tx, actor, key, request, make)


async def _answer(
    tx: AsyncSession,
    actor: Staff,
    key: str,
    request: Request,
    change: Callable[[], Awaitable[CounterSession]],
    status: int = 200,
) -> Response:
    """The counter as it is after a change."""

    async def make() -> Response:
        await change()
        found = await my_counter(tx, actor)
        return json_response(CounterOut.model_validate(found), status)

    return await idempotent_response(tx, actor, key, request, make)
