"""An appointment as who reminds people of it sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.models import Appointment
from app.appointments.queries.own import OwnAppointment
from app.appointments.statements import STATEMENTS
from app.kernel.problems import NotFound

_OF_IDS = STATEMENTS.load("of_ids")


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
    found = await reminded_appointments(session, [(unit_id, appointment_id)])
    if appointment_id not in found:
        raise NotFound
    return found[appointment_id]


async def reminded_appointments(
    session: AsyncSession, wanted: Sequence[tuple[UUID, UUID]]
) -> dict[UUID, RemindedAppointment]:
    """Return appointments by id, for the portal itself. `wanted`: unit and id of each."""
    given = {"units": [unit for unit, _id in wanted], "ids": [id_ for _unit, id_ in wanted]}
    rows = {row.id: OwnAppointment(*row) for row in await session.execute(_OF_IDS, given)}
    columns = select(
        Appointment.id, Appointment.booked_by_kind, Appointment.booked_by_id, Appointment.confirmed_start_at
    )
    more = await session.execute(columns.where(tuple_(Appointment.unit_id, Appointment.id).in_(wanted)))
    return {
        one.id: RemindedAppointment(
            rows[one.id], one.booked_by_id if one.booked_by_kind == "citizen" else None, one.confirmed_start_at
        )
        for one in more
        if one.id in rows
    }
