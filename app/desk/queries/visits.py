"""The appointment that a ticket is for, or could be for: locked, before the ticket is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment, presented_appointment
from app.desk.models import DeskTicket
from app.desk.rules.visits import is_taken
from app.desk.statements import STATEMENTS

_TO_TAKE = STATEMENTS.load("visit_to_take")


@dataclass(frozen=True, slots=True)
class Seen:
    """A ticket as it was before it was locked."""

    service: str
    person_id: UUID | None
    appointment_folio: str | None
    arrived_at: datetime


async def seen(session: AsyncSession, unit_id: UUID, ticket_id: UUID) -> Seen | None:
    """What a ticket is now, without locking it: its appointment is locked first."""
    found = select(DeskTicket.service, DeskTicket.person_id, DeskTicket.appointment_folio, DeskTicket.arrived_at).where(
        DeskTicket.unit_id == unit_id, DeskTicket.id == ticket_id
    )
    row = (await session.execute(found)).one_or_none()
    return Seen(*row) if row is not None else None


async def visit_to_take(
    session: AsyncSession, unit_id: UUID, service: str, person_id: UUID | None, arrived_at: datetime
) -> OwnAppointment | None:
    """The appointment of today for which who came at this instant is here, locked; None when there is none, or it is
    hours away."""
    if person_id is None:
        return None
    given = {"unit_id": unit_id, "service": service, "person_id": person_id, "now": arrived_at}
    for row in (await session.execute(_TO_TAKE, given)).all():
        if is_taken(row.start_at, arrived_at):
            return await presented_appointment(session, row.folio)
    return None


async def visit_of(session: AsyncSession, unit_id: UUID, ticket_id: UUID) -> OwnAppointment | None:
    """The appointment of a ticket, locked; None when it has none."""
    before = await seen(session, unit_id, ticket_id)
    if before is None or before.appointment_folio is None:
        return None
    return await presented_appointment(session, before.appointment_folio)
