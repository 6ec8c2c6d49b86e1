"""Calls: the next ticket to a counter, again, its person comes, and was attended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import TicketCalled, TicketLeft, TicketServed
from app.desk.models import DeskTicket
from app.desk.problems import CounterBusy, CounterClosed, QueueIsEmpty, TicketNotInState, WaitsElsewhere
from app.desk.queries.visits import visit_of
from app.desk.rules.tickets import TicketAction, TicketStatus, printed_number
from app.desk.service.attendance import attend_appointment_of
from app.desk.service.counters import sitting
from app.desk.service.ticket_visits import require_same
from app.desk.service.tickets import TicketRef, status_after, ticket_at, ticket_at_my_counter, written
from app.desk.statements import CALL_NEXT
from app.identity.permissions import Action, require
from app.identity.problems import TokenExpired
from app.identity.service.staff import staff_from_row
from app.kernel import clock, ids
from app.kernel.actor import Channel, Staff
from app.kernel.db import Db


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
    version: int


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
            found.version,
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


async def call_ticket(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """Call a ticket out of its order: a doctor who sees who is there, or a person who came back. It goes to where the
    actor sits.

    Raises:
        WrongRole, NotFound. TicketNotInState: it doesn't wait. CounterClosed: the actor sits at no open counter there.
        WaitsElsewhere: in a queue that the counter doesn't attend. CounterBusy: with a ticket that isn't ended.
    """
    ticket = await ticket_at(session, actor, at)
    mine = await sitting(session, actor)
    if mine.unit_id != at.unit_id or mine.status != "open":
        raise CounterClosed
    if ticket.status != TicketStatus.WAITING:
        raise TicketNotInState.of(ticket.status, is_elsewhere=ticket.counter not in (None, mine.counter))
    if ticket.service not in mine.services:
        raise WaitsElsewhere(extra={"service": ticket.service})
    busy = select(DeskTicket.id).where(DeskTicket.unit_id == at.unit_id, DeskTicket.counter == mine.counter)
    if await session.scalar(busy) is not None:
        raise CounterBusy
    after = status_after(ticket, TicketAction.CALL)
    ticket.calls, ticket.called_at, ticket.counter = ticket.calls + 1, clock.now(), mine.counter
    ticket.called_by, ticket.call_key = actor.staff_id, None
    return await written(session, actor, ticket, after, TicketCalled, window=mine.counter)


async def call_again(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """Call the actor's ticket again: its person hasn't come to the counter.

    Raises:
        WrongRole, NotFound. TicketNotInState: it isn't called, or another counter has it.
    """
    ticket = await ticket_at_my_counter(session, actor, at)
    after = status_after(ticket, TicketAction.CALL)
    ticket.calls, ticket.called_at = ticket.calls + 1, clock.now()
    return await written(session, actor, ticket, after, TicketCalled, window=ticket.counter)


async def serve(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """The person is at the counter: their wait is over.

    Raises:
        WrongRole, NotFound. TicketNotInState: it isn't called, or another counter has it.
    """
    ticket = await ticket_at_my_counter(session, actor, at)
    after = status_after(ticket, TicketAction.SERVE)
    ticket.served_at = clock.now()
    return await written(session, actor, ticket, after, TicketServed)


async def finish(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """The person was attended.

    Raises:
        WrongRole, NotFound. TicketNotInState: it isn't being served, or another counter has it. Stale: it got or lost
        its appointment this moment.
    """
    own = await visit_of(session, at.unit_id, at.id)
    ticket = await ticket_at_my_counter(session, actor, at)
    require_same(ticket, own)
    after = status_after(ticket, TicketAction.FINISH)
    ticket.ended_at, ticket.counter = clock.now(), None
    await written(session, actor, ticket, after, TicketLeft, outcome="done")
    if own is not None:
        await attend_appointment_of(session, actor, ticket, own)
    return ticket
