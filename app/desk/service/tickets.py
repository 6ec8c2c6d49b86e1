"""A ticket as a use case of the desk takes and changes it: found for who may act, at the version that they saw, locked;
written with its event."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import TicketEvent, desk_topic
from app.desk.models import DeskTicket
from app.desk.problems import TicketNotInState
from app.desk.rules import tickets
from app.desk.rules.tickets import TicketAction, TicketStatus
from app.desk.service.counters import sitting
from app.identity.permissions import Action, may_at
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.bus import notify
from app.kernel.etags import Versions, require_version
from app.kernel.events import record
from app.kernel.problems import NotFound


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket as the actor saw it. `version`: those that it may have by now; None for any."""

    unit_id: UUID
    id: UUID
    version: Versions = None


async def ticket_at(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """A ticket of the actor's unit, locked.

    Raises:
        NotFound: no such ticket, or the actor doesn't attend people there. Stale: it changed since it was seen.
    """
    if not may_at(actor, Action.ATTEND_PEOPLE, at.unit_id):
        raise NotFound
    found = await session.get(DeskTicket, (at.unit_id, at.id), with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    require_version(at.version, found.version)
    return found


async def ticket_at_my_counter(session: AsyncSession, actor: Staff, at: TicketRef) -> DeskTicket:
    """A ticket that is at the counter where the actor sits, locked.

    Raises:
        As `ticket_at`. CounterClosed: the actor sits at no counter. TicketNotInState: another counter has it, or none.
    """
    ticket = await ticket_at(session, actor, at)
    mine = await sitting(session, actor)
    if (ticket.unit_id, ticket.counter) != (mine.unit_id, mine.counter):
        raise TicketNotInState.of(ticket.status, is_elsewhere=ticket.counter is not None)
    return ticket


def status_after(ticket: DeskTicket, action: TicketAction) -> TicketStatus:
    """The status that an action gives it.

    Raises:
        TicketNotInState: a ticket in its status doesn't take it.
    """
    return tickets.step(TicketStatus(ticket.status), action)


async def written(
    session: AsyncSession, actor: Staff, ticket: DeskTicket, after: TicketStatus, event: type[TicketEvent], **more: Any
) -> DeskTicket:
    """Write a changed ticket, with its event."""
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
