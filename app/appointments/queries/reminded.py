"""An appointment as who reminds people of it sees it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment
from app.appointments.queries.own import OwnAppointment
from app.appointments.statements import STATEMENTS
from app.kernel.problems import NotFound

_OF_ID = STATEMENTS.load("of_id")


@dataclass(frozen=True, slots=True)
class RemindedAppointment:
    """An appointment as it is, the citizen who booked it for the person, and for which time they said that they will
    come."""

    own: OwnAppointment
    booked_by: UUID | None
    confirmed_start_at: datetime | None


async def reminded_appointment(session: AsyncSession, unit_id: UUID, appointment_id: UUID) -> RemindedAppointment:
    """Return an appointment, for the portal itself.

    Raises:
        NotFound: there is none.
    """
    row = (await session.execute(_OF_ID, {"unit_id": unit_id, "id": appointment_id})).one_or_none()
    wanted = select(Appointment.booked_by_kind, Appointment.booked_by_id, Appointment.confirmed_start_at)
    more = (
        await session.execute(wanted.where(Appointment.unit_id == unit_id, Appointment.id == appointment_id))
    ).one_or_none()
    if row is None or more is None:
        raise NotFound
    booked_by = more.booked_by_id if more.booked_by_kind == "citizen" else None
    return RemindedAppointment(OwnAppointment(*row), booked_by, more.confirmed_start_at)
