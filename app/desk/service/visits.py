"""A window appointment as a step of a request: booked by staff, rescheduled or cancelled by the citizen like any other.
Changes of one are applied to the other."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import AppointmentCancelled
from app.appointments.labels import day_of, hour_of
from app.appointments.problems import AppointmentEnded
from app.appointments.queries.own import BookedTime, times_of
from app.appointments.schemas import AppointmentOut
from app.appointments.service import booking, holds, reschedule
from app.appointments.service.holds import Place
from app.desk.problems import VisitOnAnotherDay
from app.desk.service import attendance
from app.kernel import clock
from app.kernel.actor import Staff, System
from app.kernel.consumers import Event
from app.kernel.i18n import N_, at_hour
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.problems import FieldError, Invalid
from app.requests.models import Request
from app.requests.queries.own import own_request
from app.requests.service import visits
from app.requests.service.cases import Case

WINDOW = "window"
DESK = System("desk")
REQUEST_ENDED, CAME_ANOTHER_DAY = "request-ended", "came-another-day"
ELSEWHERE = N_("La visita es en la unidad que atiende la solicitud.")


@dataclass(frozen=True, slots=True)
class WindowTime:
    """Room (window) and time at the unit that handles the request."""

    unit_id: UUID
    room: int
    start_at: datetime


async def book_visit(
    session: AsyncSession, actor: Staff, folio: str, at: WindowTime, message: str, once: IdempotencyRequest
) -> tuple[Request, AppointmentOut]:
    """Hold, book and link a window appointment to a request, atomically; the request's clock is suspended until then.

    Raises:
        NotFound; ClaimNotHeld; WrongState: the service or state has no visit. Invalid: another unit's window, where
        attendance couldn't be recorded. SlotTaken and the other rules of appointments.
    """
    case = await visits.require_visit_possible(session, actor, folio)
    if case.request.unit_id is not None and at.unit_id != case.request.unit_id:
        raise Invalid(fields=[FieldError("unit_id", ELSEWHERE, "elsewhere")])
    place = Place(at.unit_id, WINDOW, at.room, at.start_at)
    person_id = case.request.person_id
    held = await holds.hold(session, actor, person_id, place, IdempotencyRequest(f"{once.key}:hold", once.fingerprint))
    booked = await booking.book(
        session, actor, person_id, held.value.id, IdempotencyRequest(f"{once.key}:book", once.fingerprint)
    )
    made = booked.value
    await booking.link_to_request(session, made.unit_id, made.folio, case.request.id)
    on_date = clock.local_day(made.start_at, made.timezone)
    await visits.invite(session, actor, case, appointment_folio=made.folio, on_date=on_date, message=message)
    return case.request, made


async def visit_time(session: AsyncSession, request: Request) -> BookedTime | None:
    """Return time and place of a request's visit; None if it awaits none."""
    if request.kind != "visit" or request.appointment_folio is None:
        return None
    return (await times_of(session, [request.appointment_folio])).get(request.appointment_folio)


async def attend(session: AsyncSession, actor: Staff, folio: str, *, other_day: bool = False) -> Case:
    """Record that the citizen came to the window. On another day than the visit's, in its unit's time zone, `other_day`
    must confirm it.

    Raises:
        NotFound; WrongState: no visit is due. VisitOnAnotherDay: not confirmed.
    """
    case = await visits.require_visit_due(session, actor, folio)
    visit = await visit_time(session, case.request)
    is_other = visit is not None and clock.today(visit.timezone) != visit.on_date
    if visit is not None and is_other and not other_day:
        raise VisitOnAnotherDay(
            day=day_of(visit.start_at, visit.timezone),
            hour=at_hour(hour_of(visit.start_at, visit.timezone)),
            today=day_of(clock.now(), visit.timezone),
            extra={"visit_on": visit.on_date.isoformat()},
        )
    return await visits.attend(session, actor, case, other_day=is_other)


async def apply_appointment_change(session: AsyncSession, event: Event) -> None:
    """Apply a change of the appointment to its request: rescheduled, the deadline moves; cancelled, officers get it
    back."""
    if event.person_id is None:
        return
    case = await visits.case_of_visit(session, event.person_id, str(event.payload["folio"]))
    if case is None:
        return
    if event.type == AppointmentCancelled.type:
        await visits.cancel_visit(session, DESK, case)
    else:
        start_at = datetime.fromisoformat(str(event.payload["start_at"]))
        await visits.move_visit(session, DESK, case, on_date=case.day_of(start_at))


async def release_visit(session: AsyncSession, event: Event) -> None:
    """Cancel the appointment of a request that ended, however near it is."""
    row = await own_request(session, DESK, str(event.payload["folio"]))
    if row.appointment_folio is None or row.kind != "final":
        return
    once = IdempotencyRequest(f"{DESK.name}:{event.id}", event.id.bytes)
    with suppress(AppointmentEnded):  # already in the past
        await reschedule.cancel(session, DESK, row.appointment_folio, REQUEST_ENDED, once)


async def attend_visit_of(session: AsyncSession, event: Event) -> None:
    """The appointment was attended at the desk: so was the visit that it is."""
    if event.person_id is None:
        return
    case = await visits.case_of_visit(session, event.person_id, str(event.payload["folio"]))
    if case is not None:
        await visits.attend_as_recorded(session, DESK, case)


async def end_attended_visit(session: AsyncSession, event: Event) -> None:
    """An officer recorded that the citizen came: on the day, the appointment was attended; one of a day to come is
    cancelled."""
    row = await own_request(session, DESK, str(event.payload["folio"]))
    if row.appointment_folio is None:
        return
    visit = (await times_of(session, [row.appointment_folio])).get(row.appointment_folio)
    if visit is None:
        return
    if not event.payload.get("other_day"):
        await attendance.record_attended_visit(session, DESK, row.appointment_folio)
        return
    if visit.start_at <= clock.now():
        return
    once = IdempotencyRequest(f"{DESK.name}:{event.id}", event.id.bytes)
    with suppress(AppointmentEnded):
        await reschedule.cancel(session, DESK, row.appointment_folio, CAME_ANOTHER_DAY, once)
