"""For staff: schedules, closures and referrals."""

from uuid import UUID

from fastapi import APIRouter, Response

from app.appointments import problems, service
from app.appointments.models import Schedule
from app.appointments.schemas import (
    AffectedOut,
    ExceptionIn,
    ExceptionOut,
    ReferralIn,
    ReferralOut,
    ScheduleIn,
    ScheduleOut,
)
from app.appointments.service.schedules import affected, own_exception, schedules_of
from app.identity.access import StaffApi, require_role
from app.identity.problems import WrongRole
from app.kernel import ids
from app.kernel.actor import Role
from app.kernel.db import Read, Tx
from app.kernel.http.openapi import problem_responses
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound, Unauthorized
from app.kernel.terms import booking_terms

router = APIRouter(prefix="/api/v1", tags=["schedules"])
STAFF = (Unauthorized, NotFound, problems.NotYourUnitToRun)
REFERRERS = (Role.OFFICER, Role.SUPERVISOR, Role.ADMIN)


@router.get(
    "/schedules", operation_id="list_schedules", summary="Schedules of a unit", responses=problem_responses(*STAFF)
)
async def list_schedules(actor: StaffApi, read: Read, unit: UUID) -> list[ScheduleOut]:
    """Every weekly pattern of the unit, by room."""
    return [ScheduleOut.model_validate(row) for row in await schedules_of(read, actor, unit)]


@router.post(
    "/schedules",
    operation_id="open_schedule",
    status_code=201,
    summary="Give a room a weekly pattern",
    responses=problem_responses(*STAFF, problems.ScheduleOverlaps, problems.UnknownService),
)
async def open_schedule(actor: StaffApi, tx: Tx, body: ScheduleIn) -> ScheduleOut:
    """Its seats are made at once for the days the book is open, and every day from then on."""
    if body.ends <= body.starts:
        raise Invalid(fields=[FieldError("ends", N_("La hora de cierre debe ser después de la de inicio."))])
    if body.valid_to is not None and body.valid_to < body.valid_from:
        raise Invalid(fields=[FieldError("valid_to", N_("La última fecha debe ser igual o posterior a la primera."))])
    schedule = Schedule(id=ids.new_id(), **body.model_dump())
    made = await service.open_schedule(tx, actor, schedule, horizon_days=booking_terms().horizon_days)
    return ScheduleOut.model_validate(schedule).model_copy(update={"seats_made": made})


@router.post(
    "/schedule-exceptions",
    operation_id="close_time",
    status_code=201,
    summary="Close a unit, a shift or a room for a while",
    responses=problem_responses(*STAFF),
)
async def close_time(actor: StaffApi, tx: Tx, body: ExceptionIn) -> ExceptionOut:
    """Free seats close; the answer lists the appointments it hits, so that somebody can move them."""
    if body.ends_at <= body.starts_at:
        raise Invalid(fields=[FieldError("ends_at", N_("El final debe ser después del inicio."))])
    closed = await service.close(tx, actor, **body.model_dump())
    hit = [AffectedOut.model_validate(one) for one in closed.affected]
    return ExceptionOut(id=closed.id, closed_seats=closed.closed_seats, affected=hit)


@router.get(
    "/schedule-exceptions/{exception_id}/affected",
    operation_id="list_affected",
    summary="Appointments a closure hits",
    responses=problem_responses(*STAFF),
)
async def list_affected(actor: StaffApi, read: Read, exception_id: UUID) -> list[AffectedOut]:
    """Those still booked in the closed time."""
    exception = await own_exception(read, actor, exception_id)
    return [AffectedOut.model_validate(one) for one in await affected(read, exception)]


@router.delete(
    "/schedule-exceptions/{exception_id}",
    operation_id="reopen_time",
    status_code=204,
    summary="Take a closure back",
    responses=problem_responses(*STAFF),
)
async def reopen_time(actor: StaffApi, tx: Tx, exception_id: UUID) -> Response:
    """Its seats are free again, unless another closure covers them."""
    await service.reopen(tx, actor, exception_id)
    return Response(status_code=204)


@router.post(
    "/referrals",
    operation_id="issue_referral",
    status_code=201,
    summary="Refer a person to a specialist",
    responses=problem_responses(Unauthorized, NotFound, WrongRole),
)
async def issue_referral(actor: StaffApi, tx: Tx, body: ReferralIn) -> ReferralOut:
    """The person, of a unit of the actor's, may book that specialist at that unit between those days."""
    require_role(actor, REFERRERS)
    if body.ends_on < body.starts_on:
        raise Invalid(fields=[FieldError("ends_on", N_("La última fecha debe ser igual o posterior a la primera."))])
    return ReferralOut.model_validate(await service.issue_referral(tx, actor, **body.model_dump()))
