"""Whose ticket it is: a number that was given to someone unknown gets its person, and keeps its number; a wrong person
is corrected. An appointment that the person has now is taken with them, as a check-in would, and goes with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment
from app.desk.events import TicketIdentified, TicketPersonCorrected
from app.desk.models import DeskTicket
from app.desk.problems import AlreadyWaiting, TicketHasPerson, TicketNotInState
from app.desk.queries.visits import seen, visit_of, visit_to_take
from app.desk.rules.tickets import OPEN, CorrectedBecause, TicketStatus
from app.desk.rules.turns import Turn, moved_forward
from app.desk.service.arrivals import ONE_A_PERSON, is_older, queue_for, terms_of
from app.desk.service.departures import require_no_other
from app.desk.service.ticket_visits import arrived, can_take, release, require_same, take
from app.desk.service.tickets import TicketRef, ticket_at, written
from app.kernel import clock
from app.kernel.actor import Staff
from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.problems import NotFound
from app.registry.queries import find_person


async def identify(session: AsyncSession, actor: Staff, at: TicketRef, person_id: UUID) -> DeskTicket:
    """Give an open ticket without a person its person: number and arrival stay. Who is an older person by the registry
    is moved forward as on arrival, and who has an appointment for that now is checked in for it.

    Raises:
        NotFound: no such ticket or person, or the actor doesn't attend people there. Stale. TicketNotInState: it ended.
        TicketHasPerson. AlreadyWaiting: the person has another number in that queue.
    """
    own = await _visit_now(session, at, person_id)
    ticket = await ticket_at(session, actor, at)
    if ticket.person_id == person_id:
        return ticket
    if ticket.person_id is not None:
        raise TicketHasPerson
    await _require_may_have(session, ticket, person_id)
    queue = await queue_for(session, ticket.unit_id, ticket.service, person_id, clock.now())
    becomes_protected = not ticket.is_protected and await is_older(session, ticket.unit_id, person_id)
    async with _one_a_person(session, ticket, person_id):
        ticket.person_id = person_id
        if becomes_protected:
            ticket.is_protected = True
            ticket.rank_at = moved_forward(Turn(ticket.rank_at, ticket.first_at), terms_of(queue)).rank_at
        taken = await _take(session, actor, ticket, own)
        await written(
            session, actor, ticket, TicketStatus(ticket.status), TicketIdentified, is_protected=ticket.is_protected
        )
    if taken is not None:
        await arrived(session, actor, ticket, taken.id)
    return ticket


async def correct(
    session: AsyncSession,
    actor: Staff,
    at: TicketRef,
    person_id: UUID | None,
    because: CorrectedBecause,
    *,
    is_protected: bool = False,
) -> DeskTicket:
    """Give an open ticket another person, or none. Its number and arrival stay; what it had of the wrong person goes:
    their appointment is booked as before, their request isn't what the ticket is for, and their age moves no one
    forward. `is_protected`: the person who stands here is moved forward for another reason.

    Raises:
        NotFound: no such ticket or person, or the actor doesn't attend people there. Stale. TicketNotInState: it ended.
        AlreadyWaiting: the person has another number in that queue.
    """
    wrong = await visit_of(session, at.unit_id, at.id)
    own = await _visit_now(session, at, person_id)
    ticket = await ticket_at(session, actor, at)
    require_same(ticket, wrong)
    if ticket.person_id == person_id:
        return ticket
    if ticket.person_id is None and person_id is not None:  # taken back a moment ago
        return await identify(session, actor, at, person_id)
    await _require_may_have(session, ticket, person_id)
    was_person_id = ticket.person_id
    assert was_person_id is not None, "who had no person has another one, or none as before"
    async with _one_a_person(session, ticket, person_id):
        if await is_older(session, ticket.unit_id, was_person_id):
            ticket.is_protected = False
        ticket.is_protected = ticket.is_protected or is_protected or await is_older(session, at.unit_id, person_id)
        ticket.person_id, ticket.request_folio = person_id, None
        await release(session, ticket)
        taken = await _take(session, actor, ticket, own)
        await written(
            session,
            actor,
            ticket,
            TicketStatus(ticket.status),
            TicketPersonCorrected,
            because=because.value,
            was_person_id=was_person_id,
            is_protected=ticket.is_protected,
        )
    await arrived(session, actor, ticket, taken.id if taken is not None else None)
    return ticket


async def _visit_now(session: AsyncSession, at: TicketRef, person_id: UUID | None) -> OwnAppointment | None:
    """The appointment for which a person who is to have a ticket is here, locked before the ticket is."""
    before = await seen(session, at.unit_id, at.id)
    if before is None:
        return None
    return await visit_to_take(session, at.unit_id, before.service, person_id, before.arrived_at)


async def _take(
    session: AsyncSession, actor: Staff, ticket: DeskTicket, own: OwnAppointment | None
) -> OwnAppointment | None:
    """The appointment that the ticket took, if it may take it."""
    if own is None or not can_take(ticket, own):
        return None
    await take(session, actor, ticket, own)
    return own


async def _require_may_have(session: AsyncSession, ticket: DeskTicket, person_id: UUID | None) -> None:
    """Require an open ticket, and a person who has no other in its queue.

    Raises:
        TicketNotInState. NotFound: no such person. AlreadyWaiting.
    """
    if ticket.status not in OPEN:
        raise TicketNotInState.of(ticket.status)
    if person_id is not None and await find_person(session, person_id) is None:
        raise NotFound
    await require_no_other(session, ticket, ticket.service, person_id)


@asynccontextmanager
async def _one_a_person(session: AsyncSession, ticket: DeskTicket, person_id: UUID | None) -> AsyncIterator[None]:
    """Write a ticket of a person who had no other in its queue a moment ago.

    Raises:
        AlreadyWaiting: they arrived at another counter meanwhile.
    """
    unit_id, service = ticket.unit_id, ticket.service
    try:
        async with savepoint(session):
            yield
    except IntegrityError as error:
        if constraint_of(error) not in ONE_A_PERSON:
            raise
        now = await queue_for(session, unit_id, service, person_id, clock.now())
        raise AlreadyWaiting(number=now.open_number) from error
