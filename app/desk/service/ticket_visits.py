"""The appointment that a ticket is for: one that its person has today is taken by a ticket that was given without it,
as a check-in would, and is given back when the ticket is of someone else.

An appointment is locked before the ticket, here and in every use case that changes both.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment
from app.appointments.rules import Action, Status, has_own_doctor
from app.appointments.service.attendance import settle
from app.desk.events import TicketArrived
from app.desk.models import DeskTicket
from app.desk.rules.tickets import OPEN
from app.desk.rules.turns import Arrival, Turn, turn_of
from app.desk.service.arrivals import queue_for, terms_of
from app.kernel.actor import Staff, UnitDevice
from app.kernel.events import record
from app.kernel.problems import Stale


def require_same(ticket: DeskTicket, own: OwnAppointment | None) -> None:
    """Require that a ticket still has the appointment that was locked before it.

    Raises:
        Stale: it got another one meanwhile, or lost it.
    """
    if ticket.appointment_folio != (own.folio if own is not None else None):
        raise Stale


def can_take(ticket: DeskTicket, own: OwnAppointment) -> bool:
    """Whether an open ticket without an appointment may take this one."""
    return (
        ticket.appointment_folio is None
        and ticket.status in OPEN
        and own.status in (Status.BOOKED, Status.MISSED)
        and (ticket.unit_id, ticket.service, ticket.person_id, ticket.on_date)
        == (own.unit_id, own.service, own.person_id, own.on_date)
    )


async def take(session: AsyncSession, actor: Staff | UnitDevice, ticket: DeskTicket, own: OwnAppointment) -> None:
    """Give a locked ticket its person's appointment, and the place that a check-in would have given; the limit of its
    wait doesn't move back. The caller writes the ticket, then records `arrived`."""
    await settle(session, actor, own, Action.ARRIVE)
    was_due = ticket.first_at
    ticket.appointment_folio, ticket.due_at = own.folio, own.start_at
    ticket.room = own.room if has_own_doctor(own.service) else None
    turn = await turn_now(session, ticket)
    ticket.rank_at, ticket.first_at = turn.rank_at, min(turn.first_at, was_due)


async def release(session: AsyncSession, ticket: DeskTicket) -> None:
    """Take its appointment from a locked ticket: that is booked, as before, and the ticket is of someone without one.
    The caller writes the ticket, then records `arrived`."""
    ticket.appointment_folio = ticket.due_at = ticket.room = None
    turn = await turn_now(session, ticket)
    ticket.rank_at, ticket.first_at = turn.rank_at, turn.first_at


async def turn_now(session: AsyncSession, ticket: DeskTicket) -> Turn:
    """The place that a ticket's arrival gives it, with what is known of its person now."""
    queue = await queue_for(session, ticket.unit_id, ticket.service, None, ticket.arrived_at)
    return turn_of(Arrival(ticket.arrived_at, ticket.due_at, ticket.is_protected), terms_of(queue))


async def arrived(
    session: AsyncSession, actor: Staff | UnitDevice, ticket: DeskTicket, appointment_id: UUID | None
) -> None:
    """Record the arrival of a ticket again, at the instant at which its person came: of whom it is, and for which
    appointment. The latest holds."""
    await session.flush()
    again = TicketArrived(
        subject_id=ticket.id,
        person_id=ticket.person_id,
        unit_id=ticket.unit_id,
        service=ticket.service,
        happened_at=ticket.arrived_at,
        appointment_id=appointment_id,
        walk_in=ticket.due_at is None,
    )
    await record(session, actor, again)
