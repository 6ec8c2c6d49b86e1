"""A follow-up appointment: booked for a person who was attended, in the room that attended them."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import attended_appointment
from app.appointments.rules import Status
from app.appointments.schemas import AppointmentOut
from app.appointments.service import booking, holds
from app.appointments.service.holds import Place
from app.desk.problems import NotAttendedYet
from app.kernel.actor import Staff
from app.kernel.idempotency import IdempotencyRequest


async def book_follow_up(
    session: AsyncSession, actor: Staff, folio: str, start_at: datetime, once: IdempotencyRequest
) -> AppointmentOut:
    """Hold and book a time of the same room and service, atomically.

    Raises:
        NotFound: no such appointment at the actor's units. NotAttendedYet: the person wasn't attended. SlotTaken and
        the other rules of appointments.
    """
    own = await attended_appointment(session, actor, folio)
    if own.status != Status.ATTENDED:
        raise NotAttendedYet
    place = Place(own.unit_id, own.service, own.room, start_at)
    held = await holds.hold(
        session, actor, own.person_id, place, IdempotencyRequest(f"{once.key}:hold", once.fingerprint)
    )
    booked = await booking.book(
        session, actor, own.person_id, held.value.id, IdempotencyRequest(f"{once.key}:book", once.fingerprint)
    )
    return booked.value
