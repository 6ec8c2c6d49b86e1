"""A person says that they will come."""

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.events import AppointmentConfirmed
from app.appointments.models import Appointment
from app.appointments.problems import AppointmentEnded
from app.appointments.queries.own import OwnAppointment, own_appointment
from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.events import record


async def confirm(session: AsyncSession, actor: Citizen, folio: str) -> OwnAppointment:
    """Record that the person will come at the time that the appointment has now; again, it changes nothing.

    Raises:
        NotFound: there is no such appointment, or it isn't the actor's.
        AppointmentEnded: it isn't booked, or its time has come.
    """
    own = await own_appointment(session, actor, folio)
    if own.status != rules.Status.BOOKED or own.start_at <= clock.now():
        raise AppointmentEnded
    confirmed = (
        update(Appointment)
        .where(
            Appointment.unit_id == own.unit_id,
            Appointment.id == own.id,
            Appointment.version == own.version,
            Appointment.status == rules.Status.BOOKED,
            or_(Appointment.confirmed_start_at.is_(None), Appointment.confirmed_start_at != own.start_at),
        )
        .values(confirmed_start_at=own.start_at)
        .returning(Appointment.id)
    )
    if await session.scalar(confirmed) is not None:
        await record(session, actor, AppointmentConfirmed(**own.subject, start_at=own.start_at))
    return own
