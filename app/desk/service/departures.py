"""A person leaves a counter or their queue: for a while, for another queue or for good; and comes back."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment
from app.appointments.rules import policy_of
from app.desk.events import TicketLeft, TicketParked, TicketReleased, TicketReturned, TicketTransferred
from app.desk.models import DeskQueue, DeskTicket
from app.desk.problems import AlreadyWaiting, TicketNotInState
from app.desk.queries.visits import seen, visit_to_take
from app.desk.rules import tickets
from app.desk.rules.tickets import LeftBecause, TicketAction, TicketStatus, printed_number
from app.desk.service.ticket_visits import arrived, can_take, take
from app.desk.service.tickets import TicketRef, status_after, ticket_at, ticket_at_my_counter, written
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid

IN_THAT_QUEUE = N_("El turno ya está en esa fila: elija otra.")


async def leave(session: AsyncSession, actor: Staff, at: TicketRef, because: LeftBecause) -> DeskTicket:
    """The person left without being attended: they didn't answer the calls, gave up, or were sent elsewhere.

    Raises:
        WrongRole, NotFound. TicketNotInState. CallAgain: it wasn't called as often as the unit asks for.
    """
    ticket = await ticket_at(session, actor, at)
    after = status_after(ticket, TicketAction.LEAVE)
    if because is LeftBecause.NO_ANSWER:
        queue = await session.get(DeskQueue, (at.unit_id, ticket.service))
        tickets.require_called_enough(ticket.calls, queue.calls if queue else tickets.CALLS)
    ticket.ended_at, ticket.left_because, ticket.counter = clock.now(), because.value, None
    return await written(session, actor, ticket, after, TicketLeft, outcome=because.value)


async def park(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """The person comes back later, with a document or from the laboratory; they keep their place.

    Raises:
        WrongRole, NotFound. TicketNotInState.
    """
    ticket = await ticket_at(session, actor, at)
    after = status_after(ticket, TicketAction.PARK)
    ticket.counter = None
    return await written(session, actor, ticket, after, TicketParked)


async def put_back(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """The person is back: the ticket waits again, at the place it had.

    Raises:
        WrongRole, NotFound. TicketNotInState.
    """
    ticket = await ticket_at(session, actor, at)
    after = status_after(ticket, TicketAction.RETURN)
    return await written(session, actor, ticket, after, TicketReturned)


async def undo_leave(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """The person was there after all: the ticket waits again, at the place it had.

    Raises:
        WrongRole, NotFound. TicketNotInState. TicketUndoTooLate. AlreadyWaiting: they have another ticket by now.
    """
    ticket = await ticket_at(session, actor, at)
    after = status_after(ticket, TicketAction.UNDO)
    if ticket.ended_at is not None:
        tickets.require_undoable(ticket.ended_at, clock.now())
    await require_no_other(session, ticket, ticket.service, ticket.person_id)
    ticket.ended_at, ticket.left_because = None, None
    return await written(session, actor, ticket, after, TicketReturned)


async def let_any_room_attend(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """Let any room of the service call a ticket that waits for one doctor; it keeps its place.

    Raises:
        WrongRole, NotFound. TicketNotInState: it doesn't wait.
    """
    ticket = await ticket_at(session, actor, at)
    if ticket.status not in (TicketStatus.WAITING, TicketStatus.PARKED):
        raise TicketNotInState.of(ticket.status)
    ticket.room = None
    return await written(session, actor, ticket, TicketStatus(ticket.status), TicketReleased)


async def transfer(session: AsyncSession, actor: Staff, at: TicketRef, service: str) -> DeskTicket:
    """Send the person on to another queue of the unit; the clock of their stay runs on, and so their place is the one
    that their arrival gives them there. Who has an appointment there now is checked in for it.

    Raises:
        WrongRole, NotFound. ServiceUnknown. TicketNotInState: it isn't being served, or another counter has it.
        Invalid: it is in that queue. AlreadyWaiting: they have a ticket there.
    """
    policy_of(service)
    own = await _visit_there(session, at, service)
    ticket = await ticket_at_my_counter(session, actor, at)
    after = status_after(ticket, TicketAction.TRANSFER)
    if ticket.service == service:
        raise Invalid(fields=[FieldError("service", IN_THAT_QUEUE, "in_that_queue")])
    await require_no_other(session, ticket, service, ticket.person_id)
    before, ticket.service = ticket.service, service
    ticket.counter, ticket.calls, ticket.room = None, 0, None
    await written(session, actor, ticket, after, TicketTransferred, from_service=before)
    if own is not None and can_take(ticket, own):
        await take(session, actor, ticket, own)
        await arrived(session, actor, ticket, own.id)
    return ticket


async def _visit_there(session: AsyncSession, at: TicketRef, service: str) -> OwnAppointment | None:
    """The appointment that a ticket's person has now in the queue to which it goes, locked before the ticket is."""
    before = await seen(session, at.unit_id, at.id)
    if before is None:
        return None
    return await visit_to_take(session, at.unit_id, service, before.person_id, before.arrived_at)


async def require_no_other(session: AsyncSession, ticket: DeskTicket, service: str, person_id: UUID | None) -> None:
    """Require that a person, who has this ticket or is to have it, has no other one in a queue.

    Raises:
        AlreadyWaiting.
    """
    if person_id is None:
        return
    other = select(DeskTicket).where(
        DeskTicket.unit_id == ticket.unit_id,
        DeskTicket.service == service,
        DeskTicket.person_id == person_id,
        DeskTicket.id != ticket.id,
        DeskTicket.status.in_(tickets.OPEN),
    )
    found = await session.scalar(other.with_for_update())
    if found is not None:
        raise AlreadyWaiting(number=printed_number(found.letter, found.number))
