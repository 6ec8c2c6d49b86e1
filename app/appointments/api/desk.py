"""For staff: schedules, closures, days off, and whom they hit."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import problems
from app.appointments.api.affected import affected_out
from app.appointments.models import Schedule
from app.appointments.rules import LATER, Pattern
from app.appointments.schemas import (
    AffectedOut,
    ExceptionIn,
    ExceptionOut,
    ExceptionRow,
    HolidayIn,
    HolidayRow,
    ScheduleChangeOut,
    ScheduleCorrection,
    ScheduleEnd,
    ScheduleIn,
    ScheduleOut,
)
from app.appointments.service import closures, days_off, schedules, withdrawal
from app.appointments.service.closures import close, reopen
from app.appointments.service.schedules import Changed
from app.appointments.settings import booking_settings
from app.identity.dependencies import StaffApi
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.etags import etag, versions_of
from app.kernel.http.merge_patch import MergePatch, patch_body
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.i18n import N_
from app.kernel.problems import (
    FieldError,
    Invalid,
    KeyReused,
    MediaTypeUnsupported,
    NotFound,
    PreconditionRequired,
    Stale,
    Unauthorized,
)
from app.places.queries import zone_of
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1", tags=["schedules"], dependencies=[RECORDS_VIEWS])
STAFF = (Unauthorized, NotFound, problems.UnitNotManaged)
PATTERN = (
    problems.ScheduleEmpty,
    problems.ScheduleInPast,
    problems.ScheduleOverlaps,
    problems.ServiceUnknown,
    problems.RoomUnknown,
    problems.UnitNotOperating,
)
CHANGE = (Stale, PreconditionRequired, KeyReused)


def _require_order(body: ScheduleIn | Schedule) -> None:
    starts, ends = Pattern.minutes(body.starts, body.ends)
    if ends <= starts:
        raise Invalid(fields=[FieldError("ends", N_("La hora de cierre debe ser después de la de inicio."), "order")])
    if body.valid_to is not None and body.valid_to < body.valid_from:
        raise Invalid(fields=[FieldError("valid_to", LATER, "later")])


@router.get(
    "/schedules", operation_id="list_schedules", summary="Schedules of a unit", responses=problem_responses(*STAFF)
)
async def list_schedules(actor: StaffApi, read: Read, unit: UUID) -> list[ScheduleOut]:
    """Every weekly pattern of the unit, by room; those that ended too."""
    return [ScheduleOut.model_validate(row) for row in await schedules.schedules_of(read, actor, unit)]


@router.post(
    "/schedules",
    operation_id="open_schedule",
    status_code=201,
    summary="Give a room a weekly pattern",
    response_model=ScheduleOut,
    responses=problem_responses(*STAFF, *PATTERN, KeyReused),
)
async def open_schedule(actor: StaffApi, tx: Tx, body: ScheduleIn, key: IdempotencyKey, request: Request) -> Response:
    """Generate its slots up to the booking horizon, and every day from then on."""
    _require_order(body)

    async def make() -> Response:
        schedule = Schedule(id=ids.new_id(), version=1, **body.model_dump())
        count = await schedules.open_schedule(tx, actor, schedule, horizon_days=booking_settings().horizon_days)
        out = ScheduleOut.model_validate(schedule).model_copy(update={"slots_generated": count})
        return json_response(out, 201, version=1, location=f"/api/v1/schedules/{schedule.id}")

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/schedules/{schedule_id}",
    operation_id="get_schedule",
    summary="One schedule",
    responses=problem_responses(*STAFF),
)
async def get_schedule(actor: StaffApi, read: Read, schedule_id: UUID, response: Response) -> ScheduleOut:
    """Its ETag is the version to send in If-Match when ending or correcting it."""
    schedule = await schedules.own_schedule(read, actor, schedule_id)
    response.headers["ETag"] = etag(schedule.version)
    return ScheduleOut.model_validate(schedule)


async def _changed(session: AsyncSession, actor: Staff, done: Changed) -> Response:
    out = ScheduleChangeOut(
        schedule=ScheduleOut.model_validate(done.schedule),
        removed_seats=done.removed,
        generated_seats=done.made,
        affected=await affected_out(session, actor, done.schedule.unit_id, done.affected),
    )
    return json_response(out, 200, version=done.schedule.version)


@router.post(
    "/schedules/{schedule_id}/end",
    operation_id="end_schedule",
    summary="End a schedule",
    response_model=ScheduleChangeOut,
    responses=problem_responses(*STAFF, *PATTERN, *CHANGE, problems.ScheduleEnded),
)
async def end_schedule(
    actor: StaffApi,
    tx: Tx,
    schedule_id: UUID,
    body: ScheduleEnd,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Free and held seats after its last day go; booked ones stay, and the answer lists their appointments."""
    version = versions_of(if_match)
    horizon = booking_settings().horizon_days

    async def make() -> Response:
        return await _changed(
            tx,
            actor,
            await schedules.end_schedule(tx, actor, schedule_id, body.last_day, version=version, horizon_days=horizon),
        )

    return await idempotent_response(tx, actor, key, request, make)


@router.delete(
    "/schedules/{schedule_id}",
    operation_id="withdraw_schedule",
    status_code=204,
    summary="Withdraw a schedule that hasn't begun",
    responses=problem_responses(
        *STAFF,
        Stale,
        PreconditionRequired,
        problems.ScheduleEnded,
        problems.ScheduleStarted,
        problems.ScheduleHasAppointments,
    ),
)
async def withdraw_schedule(actor: StaffApi, tx: Tx, schedule_id: UUID, if_match: IfMatch = None) -> Response:
    """Its free and held seats go with it. One with appointments is left as it is; one that began is ended instead."""
    await withdrawal.withdraw_schedule(tx, actor, schedule_id, version=versions_of(if_match))
    return Response(status_code=204)


@router.patch(
    "/schedules/{schedule_id}",
    operation_id="correct_schedule",
    openapi_extra=patch_body("ScheduleCorrection"),
    summary="Correct a schedule",
    response_model=ScheduleChangeOut,
    responses=problem_responses(
        *STAFF, *PATTERN, Stale, PreconditionRequired, MediaTypeUnsupported, problems.ScheduleEnded
    ),
)
async def correct_schedule(
    actor: StaffApi,
    _patch: MergePatch,
    tx: Tx,
    schedule_id: UUID,
    body: ScheduleCorrection,
    if_match: IfMatch = None,
) -> Response:
    """From now on: seats that fit stay with who has them, others go or, when booked, are listed."""
    version = versions_of(if_match)
    changes = body.model_dump(exclude_unset=True)
    require_correction(await schedules.own_schedule(tx, actor, schedule_id), changes)
    horizon = booking_settings().horizon_days
    return await _changed(
        tx,
        actor,
        await schedules.correct_schedule(tx, actor, schedule_id, changes, version=version, horizon_days=horizon),
    )


OURS = {"id", "version", "slots_generated"}


def require_correction(known: Schedule, changes: dict[str, Any]) -> None:
    """Require that a schedule with these changes is one, and its hours and days are in order."""
    _require_order(ScheduleIn.model_validate(ScheduleOut.model_validate(known).model_dump(exclude=OURS) | changes))


@router.get(
    "/schedules/{schedule_id}/affected",
    operation_id="list_affected_by_schedule",
    summary="Appointments a schedule has no time for any more",
    responses=problem_responses(*STAFF),
)
async def list_affected_by_schedule(actor: StaffApi, read: Read, schedule_id: UUID) -> list[AffectedOut]:
    """Those still booked, after it was ended or corrected."""
    schedule = await schedules.own_schedule(read, actor, schedule_id)
    return await affected_out(read, actor, schedule.unit_id, await schedules.affected_by_schedule(read, schedule))


@router.get(
    "/schedule-exceptions",
    operation_id="list_schedule_exceptions",
    summary="Closures of a unit",
    responses=problem_responses(*STAFF),
)
async def list_schedule_exceptions(
    actor: StaffApi,
    read: Read,
    unit: UUID,
    since: Annotated[AwareDatetime | None, Query(description="Those that end later; now, when left out.")] = None,
) -> list[ExceptionRow]:
    """By when they begin."""
    found = await closures.exceptions_of(read, actor, unit, since or clock.now())
    return [ExceptionRow.model_validate(one) for one in found]


@router.post(
    "/schedule-exceptions",
    operation_id="create_schedule_exception",
    status_code=201,
    summary="Close a unit, a shift or a room for a while",
    response_model=ExceptionOut,
    responses=problem_responses(*STAFF, problems.RoomUnknown, Invalid, KeyReused),
)
async def create_schedule_exception(
    actor: StaffApi, tx: Tx, body: ExceptionIn, key: IdempotencyKey, request: Request
) -> Response:
    """Free and held seats close; the response lists the affected appointments, and each person is notified."""
    if body.ends_at <= body.starts_at:
        raise Invalid(fields=[FieldError("ends_at", N_("El final debe ser después del inicio."), "order")])

    async def make() -> Response:
        closed = await close(tx, actor, **body.model_dump())
        return await _closed(tx, actor, body.unit_id, closed, "schedule-exceptions")

    return await idempotent_response(tx, actor, key, request, make)


async def _closed(
    session: AsyncSession, actor: Staff, unit_id: UUID | None, closed: closures.Closed, kind: str
) -> Response:
    hit = await affected_out(session, actor, unit_id, closed.affected)
    out = ExceptionOut(id=closed.id, closed_seats=closed.closed_seats, affected=hit)
    return json_response(out, 201, location=f"/api/v1/{kind}/{closed.id}")


@router.get(
    "/schedule-exceptions/{exception_id}",
    operation_id="get_schedule_exception",
    summary="One closure",
    responses=problem_responses(*STAFF),
)
async def get_schedule_exception(actor: StaffApi, read: Read, exception_id: UUID) -> ExceptionRow:
    """What it closes, when and why."""
    return ExceptionRow.model_validate(await closures.own_exception(read, actor, exception_id))


@router.get(
    "/schedule-exceptions/{exception_id}/affected",
    operation_id="list_affected",
    summary="Appointments a closure hits",
    responses=problem_responses(*STAFF),
)
async def list_affected(actor: StaffApi, read: Read, exception_id: UUID) -> list[AffectedOut]:
    """Those still booked in the closed time."""
    exception = await closures.own_exception(read, actor, exception_id)
    return await affected_out(read, actor, exception.unit_id, await closures.affected(read, exception))


@router.delete(
    "/schedule-exceptions/{exception_id}",
    operation_id="delete_schedule_exception",
    status_code=204,
    summary="Take a closure back",
    responses=problem_responses(*STAFF),
)
async def delete_schedule_exception(actor: StaffApi, tx: Tx, exception_id: UUID) -> Response:
    """Free its seats again, unless another exception covers them, and notify who was notified of it."""
    await reopen(tx, actor, exception_id)
    return Response(status_code=204)


@router.get(
    "/holidays", operation_id="list_holidays", summary="Days off of a unit", responses=problem_responses(*STAFF)
)
async def list_holidays(
    actor: StaffApi,
    read: Read,
    unit: UUID,
    since: Annotated[date | None, Query(description="From this day on; today at the unit, when left out.")] = None,
) -> list[HolidayRow]:
    """Its own and the agency's. The federal ones are the law's (Ley Federal del Trabajo, art. 74), not in this list."""
    day = since or clock.today(await zone_of(read, unit))
    return [HolidayRow.model_validate(one) for one in await days_off.holidays_of(read, actor, unit, day)]


@router.post(
    "/holidays",
    operation_id="add_holiday",
    status_code=201,
    summary="Take a day off, at a unit or at all",
    response_model=ExceptionOut,
    responses=problem_responses(*STAFF, problems.DayOffExists, Invalid, KeyReused),
)
async def add_holiday(actor: StaffApi, tx: Tx, body: HolidayIn, key: IdempotencyKey, request: Request) -> Response:
    """Its seats close, also those generated before; the response lists the affected appointments, and each person is
    notified."""

    async def make() -> Response:
        closed = await days_off.add_holiday(tx, actor, **body.model_dump())
        return await _closed(tx, actor, body.unit_id, closed, "holidays")

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/holidays/{holiday_id}/affected",
    operation_id="list_affected_by_holiday",
    summary="Appointments on a day off",
    responses=problem_responses(*STAFF),
)
async def list_affected_by_holiday(actor: StaffApi, read: Read, holiday_id: UUID) -> list[AffectedOut]:
    """Those still booked on that day."""
    holiday = await days_off.own_holiday(read, actor, holiday_id)
    return await affected_out(read, actor, holiday.unit_id, await days_off.affected_by_holiday(read, holiday))


@router.delete(
    "/holidays/{holiday_id}",
    operation_id="remove_holiday",
    status_code=204,
    summary="Take a day off back",
    responses=problem_responses(*STAFF),
)
async def remove_holiday(actor: StaffApi, tx: Tx, holiday_id: UUID) -> Response:
    """Seats it closed open again; those that were not generated because of it follow within the hour."""
    await days_off.remove_holiday(tx, actor, holiday_id)
    return Response(status_code=204)
