"""Hold a time, book it, move it, cancel it. Each POST has one effect a key, in one database statement."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from app.appointments import problems
from app.appointments.queries.own import own_appointment, own_appointments
from app.appointments.schemas import AppointmentOut, BookIn, CancelIn, HoldIn, HoldOut, MoveIn
from app.appointments.service import booking, holds, reschedule
from app.appointments.service.holds import Place
from app.appointments.service.reschedule import NewTime
from app.appointments.wait_problems import HoldLimit
from app.identity.dependencies import ASSISTED, LowCitizenApi, LowPersonApi, LowPersonToken
from app.identity.problems import TokenExpired
from app.identity.service.revocation import is_revoked
from app.kernel.actor import Citizen, Staff
from app.kernel.db import grouped_statements, raw_connection
from app.kernel.etags import etag, versions_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, PageQuery, Read
from app.kernel.http.responses import request_fingerprint, response_of, set_links
from app.kernel.i18n import N_
from app.kernel.idempotency import IdempotencyRequest, IdempotentResult
from app.kernel.paging import encode_cursor, position_after
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound, PreconditionRequired, Stale, Unauthorized
from app.registry.access_log import ViewContext, record_views, record_views_now
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["appointments"])

Folio = Annotated[str, Path(max_length=20, description="As printed; small letters and missing dashes are fine.")]
WHO = (Unauthorized, NotFound)
RULES = (
    problems.NotInForce,
    problems.NotYourUnit,
    problems.NoUnitYet,
    problems.ReferralRequired,
    problems.AlreadyBooked,
    problems.PreventiveOncePerYear,
    problems.TooSoon,
    problems.TooFar,
    problems.DailyLimit,
    problems.SameTime,
    problems.UnitNotOperating,
    problems.SlotTaken,
    problems.ServiceUnknown,
    KeyReused,
)
CHANGES = (problems.CancelTooLate, problems.AppointmentEnded, Stale, PreconditionRequired)


async def _shown(actor: Citizen | Staff, done: IdempotentResult[AppointmentOut]) -> Response:
    await record_views_now(actor, ViewContext.APPOINTMENT, {done.value.person_id: done.value.unit_id})
    return response_of(done)


@router.post(
    "/holds",
    operation_id="create_hold",
    openapi_extra=ASSISTED,
    status_code=201,
    summary="Keep a time for some minutes",
    response_model=HoldOut,
    responses=problem_responses(*WHO, *RULES, HoldLimit, problems.HoldConflict),
)
async def create_hold(token: LowPersonToken, body: HoldIn, key: IdempotencyKey, request: Request) -> Response:
    """Hold the seat for the person until `held_until`; holding another slot releases this one."""
    actor = token.actor
    person_id = _whom(actor, body.person_id)
    place = Place(body.unit_id, body.service, body.room, body.start_at)
    once = IdempotencyRequest(key, await request_fingerprint(request))
    hot = grouped_statements()
    moving = None
    if body.moving is not None:
        if token.issued_at is not None and await is_revoked(hot, actor.id, token.issued_at):
            raise TokenExpired
        own = await own_appointment(hot, actor, body.moving)
        if own.person_id != person_id or own.service != body.service:
            raise NotFound
        moving = own.id
    held = await holds.hold(hot, actor, person_id, place, once, moving=moving, token_issued_at=token.issued_at)
    return response_of(held)


@router.delete(
    "/holds/{hold_id}",
    operation_id="release_hold",
    openapi_extra=ASSISTED,
    status_code=204,
    summary="Release a hold",
    responses=problem_responses(*WHO),
)
async def release_hold(actor: LowPersonApi, hold_id: UUID, person: Annotated[UUID | None, Query()] = None) -> Response:
    """Release a hold; releasing one that has expired changes nothing."""
    async with raw_connection() as hot:
        await holds.release(hot, actor, _whom(actor, person), hold_id)
    return Response(status_code=204)


@router.post(
    "/appointments",
    operation_id="create_appointment",
    openapi_extra=ASSISTED,
    status_code=201,
    summary="Book the held slot",
    response_model=AppointmentOut,
    responses=problem_responses(*WHO, *RULES, problems.HoldExpired),
)
async def create_appointment(token: LowPersonToken, body: BookIn, key: IdempotencyKey, request: Request) -> Response:
    """Turn the hold into an appointment; the response is sent once it is committed."""
    once = IdempotencyRequest(key, await request_fingerprint(request))
    actor = token.actor
    person_id = _whom(actor, body.person_id)
    done = await booking.book(
        grouped_statements(), actor, person_id, body.hold_id, once, token_issued_at=token.issued_at
    )
    return await _shown(actor, done)


@router.get(
    "/appointments",
    operation_id="list_appointments",
    dependencies=[RECORDS_VIEWS],
    summary="My appointments and my family's",
    responses=problem_responses(Unauthorized),
)
async def list_appointments(
    actor: LowCitizenApi, read: Read, page: PageQuery, request: Request, response: Response
) -> list[AppointmentOut]:
    """Latest first; the Link header names the next page."""
    after = position_after(page.after, iso_instant, UUID)
    rows = await own_appointments(read, actor, limit=page.limit + 1, after=after)
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    record_views(actor, ViewContext.APPOINTMENT, {row.person_id: row.unit_id for row in shown})
    cursor = encode_cursor(shown[-1].start_at.isoformat(), str(shown[-1].id)) if more else None
    set_links(response, request, cursor)
    return [AppointmentOut.model_validate(row, from_attributes=True) for row in shown]


@router.get(
    "/appointments/{folio}",
    operation_id="get_appointment",
    openapi_extra=ASSISTED,
    dependencies=[RECORDS_VIEWS],
    summary="One appointment",
    responses=problem_responses(*WHO),
)
async def get_appointment(actor: LowPersonApi, read: Read, folio: Folio, response: Response) -> AppointmentOut:
    """Its ETag is the version to send in If-Match when changing it."""
    own = await own_appointment(read, actor, folio)
    record_views(actor, ViewContext.APPOINTMENT, {own.person_id: own.unit_id})
    response.headers["ETag"] = etag(own.version)
    return AppointmentOut.model_validate(own, from_attributes=True)


@router.post(
    "/appointments/{folio}/move",
    operation_id="move_appointment",
    openapi_extra=ASSISTED,
    summary="Move to another time in one step",
    response_model=AppointmentOut,
    responses=problem_responses(*WHO, *RULES, *CHANGES),
)
async def move_appointment(
    actor: LowPersonApi,
    folio: Folio,
    body: MoveIn,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Take the new slot and free the old one atomically; if the new one is unavailable, the old one stays."""
    once = IdempotencyRequest(key, await request_fingerprint(request))
    to = NewTime(body.room, body.start_at)
    version = versions_of(if_match)
    async with raw_connection() as hot:
        done = await reschedule.move(hot, actor, folio, to, once, version=version)
    return await _shown(actor, done)


@router.post(
    "/appointments/{folio}/cancel",
    operation_id="cancel_appointment",
    openapi_extra=ASSISTED,
    summary="Cancel",
    response_model=AppointmentOut,
    responses=problem_responses(*WHO, *CHANGES, KeyReused),
)
async def cancel_appointment(
    actor: LowPersonApi,
    folio: Folio,
    body: CancelIn,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Until two hours before. The seat is offered again after the release delay."""
    once = IdempotencyRequest(key, await request_fingerprint(request))
    version = versions_of(if_match)
    async with raw_connection() as hot:
        done = await reschedule.cancel(hot, actor, folio, body.reason, once, version=version)
    return await _shown(actor, done)


def _whom(actor: Citizen | Staff, person_id: UUID | None) -> UUID:
    if person_id is not None:
        return person_id
    if isinstance(actor, Staff):
        raise Invalid(fields=[FieldError("person_id", N_("Diga para qué persona es."), "missing")])
    return actor.person_id
