"""Calls: the next ticket to a counter, and what becomes of it there."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import policy_of
from app.desk.events import (
    TicketCalled,
    TicketEvent,
    TicketLeft,
    TicketParked,
    TicketReturned,
    TicketServed,
    TicketTransferred,
    desk_topic,
)
from app.desk.models import DeskQueue, DeskTicket
from app.desk.problems import AlreadyWaiting, CounterBusy, CounterClosed, QueueIsEmpty, TicketNotInState
from app.desk.rules import tickets
from app.desk.rules.tickets import LeftBecause, TicketAction, TicketStatus, printed_number
from app.desk.service.counters import sitting
from app.desk.statements import CALL_NEXT
from app.identity.permissions import Action, may_at, require
from app.identity.problems import TokenExpired
from app.identity.service.staff import staff_from_row
from app.kernel import clock, ids
from app.kernel.actor import Channel, Staff
from app.kernel.bus import notify
from app.kernel.db import Db
from app.kernel.events import record
from app.kernel.problems import NotFound


@dataclass(frozen=True, slots=True)
class Call:
    """A ticket that was called, and the counter it goes to."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    counter: int
    calls: int
    called_at: datetime


async def call_next(db: Db, staff_id: UUID, key: str, *, family: UUID | None = None) -> Call:
    """Call the ticket that comes first at the counter where this member of staff sits, in one statement: two counters
    never get the same ticket. The same key again gives the same ticket.

    Raises:
        TokenExpired: no one who may act now. WrongRole. CounterClosed: they sit at no open counter. CounterBusy: with a
        ticket that isn't ended. QueueIsEmpty.
    """
    found = (await db.execute(CALL_NEXT, _parameters(staff_id, key, family))).one_or_none()
    if found is None:
        raise TokenExpired
    require(staff_from_row(staff_id, found), Action.ATTEND_PEOPLE)
    if found.id is not None:
        return Call(
            found.id,
            found.unit_id,
            printed_number(found.letter, found.number),
            found.service,
            found.sits_at if found.counter is None else found.counter,
            found.calls,
            found.called_at,
        )
    if found.sits_at is None:
        raise CounterClosed
    raise CounterBusy if found.busy_with is not None else QueueIsEmpty


def _parameters(staff_id: UUID, key: str, family: UUID | None) -> dict[str, Any]:
    return {
        "me": staff_id,
        "family": family,
        "call_key": key,
        "now": clock.now(),
        "event_id": ids.new_id(),
        "event_type": TicketCalled.type,
        "channel": Channel.DESK.value,
        "call": None,
    }


async def call_again(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """Call the actor's ticket again: its person hasn't come to the counter.

    Raises:
        WrongRole, NotFound. TicketNotInState: it isn't called, or another counter has it.
    """
    ticket = await _at_my_counter(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.CALL)
    ticket.calls, ticket.called_at = ticket.calls + 1, clock.now()
    return await _written(session, actor, ticket, after, TicketCalled, window=ticket.counter)


async def serve(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """The person is at the counter: their wait is over.

    Raises:
        WrongRole, NotFound. TicketNotInState: it isn't called, or another counter has it.
    """
    ticket = await _at_my_counter(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.SERVE)
    ticket.served_at = clock.now()
    return await _written(session, actor, ticket, after, TicketServed)


async def finish(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """The person was attended.

    Raises:
        WrongRole, NotFound. TicketNotInState: it isn't being served, or another counter has it.
    """
    ticket = await _at_my_counter(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.FINISH)
    ticket.ended_at, ticket.counter = clock.now(), None
    return await _written(session, actor, ticket, after, TicketLeft, outcome="done")


async def leave(
    session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID, because: LeftBecause
) -> DeskTicket:
    """The person left without being attended: they didn't answer the calls, gave up, or were sent elsewhere.

    Raises:
        WrongRole, NotFound. TicketNotInState. CallAgain: it wasn't called as often as the unit asks for.
    """
    ticket = await _ticket(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.LEAVE)
    if because is LeftBecause.NO_ANSWER:
        queue = await session.get(DeskQueue, (unit_id, ticket.service))
        tickets.require_called_enough(ticket.calls, queue.calls if queue else tickets.CALLS)
    ticket.ended_at, ticket.left_because, ticket.counter = clock.now(), because.value, None
    return await _written(session, actor, ticket, after, TicketLeft, outcome=because.value)


async def park(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """The person comes back later, with a document or from the laboratory; they keep their place.

    Raises:
        WrongRole, NotFound. TicketNotInState.
    """
    ticket = await _ticket(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.PARK)
    ticket.counter = None
    return await _written(session, actor, ticket, after, TicketParked)


async def put_back(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """The person is back: the ticket waits again, at the place it had.

    Raises:
        WrongRole, NotFound. TicketNotInState.
    """
    ticket = await _ticket(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.RETURN)
    return await _written(session, actor, ticket, after, TicketReturned)


async def undo_leave(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """The person was there after all: the ticket waits again, at the place it had.

    Raises:
        WrongRole, NotFound. TicketNotInState. TicketUndoTooLate. AlreadyWaiting: they have another ticket by now.
    """
    ticket = await _ticket(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.UNDO)
    if ticket.ended_at is not None:
        tickets.require_undoable(ticket.ended_at, clock.now())
    await _require_no_other(session, ticket, ticket.service)
    ticket.ended_at, ticket.left_because = None, None
    return await _written(session, actor, ticket, after, TicketReturned)


async def transfer(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID, service: str) -> DeskTicket:
    """Send the person on to another queue of the unit; the clock of their stay runs on, and so their place is the one
    that their arrival gives them there.

    Raises:
        WrongRole, NotFound. ServiceUnknown. TicketNotInState: it isn't being served, or another counter has it.
        AlreadyWaiting: they have a ticket there.
    """
    policy_of(service)
    ticket = await _at_my_counter(session, actor, unit_id, ticket_id)
    after = _step(ticket, TicketAction.TRANSFER)
    await _require_no_other(session, ticket, service)
    before, ticket.service = ticket.service, service
    ticket.counter, ticket.calls = None, 0
    return await _written(session, actor, ticket, after, TicketTransferred, from_service=before)


async def _ticket(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    """A ticket of the actor's unit, locked."""
    if not may_at(actor, Action.ATTEND_PEOPLE, unit_id):
        raise NotFound
    found = await session.get(DeskTicket, (unit_id, ticket_id), with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def _at_my_counter(session: AsyncSession, actor: Staff, unit_id: UUID, ticket_id: UUID) -> DeskTicket:
    ticket = await _ticket(session, actor, unit_id, ticket_id)
    mine = await sitting(session, actor)
    if (ticket.unit_id, ticket.counter) != (mine.unit_id, mine.counter):
        raise TicketNotInState(extra={"status": ticket.status})
    return ticket


def _step(ticket: DeskTicket, action: TicketAction) -> TicketStatus:
    return tickets.step(TicketStatus(ticket.status), action)


async def _require_no_other(session: AsyncSession, ticket: DeskTicket, service: str) -> None:
    """Require that the person has no other ticket in a queue."""
    if ticket.person_id is None:
        return
    other = select(DeskTicket).where(
        DeskTicket.unit_id == ticket.unit_id,
        DeskTicket.service == service,
        DeskTicket.person_id == ticket.person_id,
        DeskTicket.id != ticket.id,
        DeskTicket.status.in_(tickets.OPEN),
    )
    found = await session.scalar(other.with_for_update())
    if found is not None:
        raise AlreadyWaiting(number=printed_number(found.letter, found.number))


async def _written(
    session: AsyncSession, actor: Staff, ticket: DeskTicket, after: TicketStatus, event: type[TicketEvent], **more: Any
) -> DeskTicket:
    ticket.status, ticket.version = after.value, ticket.version + 1
    await session.flush()
    happened = event(
        subject_id=ticket.id,
        person_id=ticket.person_id,
        unit_id=ticket.unit_id,
        service=ticket.service,
        happened_at=clock.now(),
        **more,
    )
    await record(session, actor, happened)
    await notify(session, desk_topic(ticket.unit_id))
    return ticket
