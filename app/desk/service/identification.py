"""Whose ticket it is: a number that was given to someone unknown gets its person, and keeps its place."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.events import TicketIdentified
from app.desk.models import DeskTicket
from app.desk.problems import AlreadyWaiting, TicketHasPerson, TicketNotInState
from app.desk.rules.tickets import OPEN, TicketStatus
from app.desk.rules.turns import Turn, moved_forward
from app.desk.service.arrivals import ONE_A_PERSON, is_older, queue_for, terms_of
from app.desk.service.departures import require_no_other
from app.desk.service.tickets import TicketRef, ticket_at, written
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.problems import NotFound
from app.registry.queries import find_person


async def identify(session: AsyncSession, actor: Staff, at: TicketRef, person_id: UUID) -> DeskTicket:
    """Give an open ticket without a person its person: number and arrival stay. Who is an older person by the registry
    is moved forward as on arrival.

    Raises:
        NotFound: no such ticket or person, or the actor doesn't attend people there. Stale. TicketNotInState: it ended.
        TicketHasPerson. AlreadyWaiting: the person has another number in that queue.
    """
    ticket = await ticket_at(session, actor, at)
    if ticket.person_id == person_id:
        return ticket
    if ticket.person_id is not None:
        raise TicketHasPerson
    if ticket.status not in OPEN:
        raise TicketNotInState(extra={"ticket_status": ticket.status})
    if await find_person(session, person_id) is None:
        raise NotFound
    await require_no_other(session, ticket, ticket.service, person_id)
    queue = await queue_for(session, ticket.unit_id, ticket.service, person_id, clock.now())
    service = ticket.service
    becomes_protected = not ticket.is_protected and await is_older(session, ticket.unit_id, person_id)
    try:
        async with savepoint(session):
            ticket.person_id = person_id
            if becomes_protected:
                ticket.is_protected = True
                ticket.rank_at = moved_forward(Turn(ticket.rank_at, ticket.first_at), terms_of(queue)).rank_at
            return await written(
                session,
                actor,
                ticket,
                TicketStatus(ticket.status),
                TicketIdentified,
                is_protected=ticket.is_protected,
            )
    except IntegrityError as error:
        if constraint_of(error) not in ONE_A_PERSON:
            raise
        # Arrived at another counter a moment ago.
        now = await queue_for(session, at.unit_id, service, person_id, clock.now())
        raise AlreadyWaiting(number=now.open_number) from error
