"""A window appointment as a step of a request: booked by staff, or moved by the citizen like any other."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import service as appointments
from app.appointments.schemas import AppointmentOut
from app.appointments.service import Once, Place
from app.kernel.actor import Staff
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid
from app.requests.models import Request
from app.requests.service import visiting

WINDOW = "window"
ELSEWHERE = N_("La visita es en la unidad que atiende la solicitud.")


@dataclass(frozen=True, slots=True)
class WindowTime:
    """A room (window) and time at the unit that attends the request."""

    unit_id: UUID
    room: int
    start_at: datetime


async def book_visit(
    session: AsyncSession, actor: Staff, folio: str, at: WindowTime, message: str, once: Once
) -> tuple[Request, AppointmentOut]:
    """Hold, book and tie a window appointment to a request, all or nothing; the request's clock stands still till then.

    Raises:
        NotFound; NotHeld; WrongState: the service or state has no visit. Invalid: another unit's window, where nobody
        could say that the citizen came. SlotTaken and the other rules of appointments.
    """
    case = await visiting.may_invite(session, actor, folio)
    if case.request.unit_id is not None and at.unit_id != case.request.unit_id:
        raise Invalid(fields=[FieldError("unit_id", ELSEWHERE)])
    place = Place(at.unit_id, WINDOW, at.room, at.start_at)
    person_id = case.request.person_id
    held = await appointments.hold(session, actor, person_id, place, Once(f"{once.key}:hold", once.fingerprint))
    booked = await appointments.book(
        session, actor, person_id, held.value.id, Once(f"{once.key}:book", once.fingerprint)
    )
    made = booked.value
    await appointments.tie_to_request(session, made.unit_id, made.folio, case.request.id)
    on_date = made.start_at.astimezone(ZoneInfo(made.timezone)).date()
    row = await visiting.invite(session, actor, case, appointment_folio=made.folio, on_date=on_date, message=message)
    return row, made
