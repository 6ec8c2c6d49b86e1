"""Arrivals: check in for an appointment, or take a number without one. One person in a queue is one ticket."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment
from app.appointments.rules import Action, has_own_doctor, policy_of
from app.appointments.service.attendance import settle
from app.desk.events import TicketArrived
from app.desk.models import DeskTicket
from app.desk.problems import AlreadyWaiting
from app.desk.queries.lines import Waiting
from app.desk.queries.visits import visit_to_take
from app.desk.rules.forecast import Forecast
from app.desk.rules.tickets import TicketStatus, printed_number
from app.desk.rules.turns import Arrival, Turn, TurnPolicy, is_protected_age, turn_of
from app.desk.service.forecasts import forecast_of, store_forecast
from app.desk.statements import ADD_RESERVED_TICKET, ADD_TICKET, LOCK_UNIT, OPEN_QUEUE, QUEUE_FOR
from app.identity.permissions import may_receive
from app.identity.problems import WrongRole
from app.kernel import clock, ids
from app.kernel.actor import Actor, Staff, UnitDevice
from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.problems import NotFound
from app.places.queries import zone_of
from app.registry.queries import find_person
from app.requests.queries.own import presented_request

LATE = timedelta(minutes=2)
"""After which an arrival that is reported has no forecast: part of the wait is over."""
ONE_A_PERSON = ("uq_desk_ticket_person", "uq_desk_ticket_appointment")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes for what: a person, known or not, with an appointment or a request of theirs if they have one. `room`:
    the only one that attends them, that of their own doctor."""

    service: str
    person_id: UUID | None = None
    appointment_id: UUID | None = None
    appointment_folio: str | None = None
    request_folio: str | None = None
    room: int | None = None


def visitor_of(own: OwnAppointment) -> Visitor:
    """Who comes for an appointment: only their own doctor's room attends them."""
    return Visitor(
        own.service,
        own.person_id,
        appointment_id=own.id,
        appointment_folio=own.folio,
        room=own.room if has_own_doctor(own.service) else None,
    )


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket as the slip shows it. `appointment_folio` and `due_at`: of the appointment that it checks in for."""

    id: UUID
    unit_id: UUID
    number: str
    service: str
    status: TicketStatus
    on_date: date
    arrived_at: datetime
    code: str = ""
    """Opens the ticket's own page, `/turno/{code}`."""
    forecast: Forecast | None = None
    appointment_folio: str | None = None
    due_at: datetime | None = None
    version: int = 1


async def take_number(
    session: AsyncSession,
    actor: Staff | UnitDevice,
    unit_id: UUID,
    service: str,
    *,
    person_id: UUID | None = None,
    request_folio: str | None = None,
    is_protected: bool = False,
) -> NewTicket:
    """Give a number to someone who shows no appointment, known or not; who comes for a request is its person. Who has
    an appointment for that now is checked in for it.

    Raises:
        WrongRole: the actor doesn't attend people there. NotFound: no such unit, person or request. ServiceUnknown.
        AlreadyWaiting: with the number they have.
    """
    if not may_receive(actor, unit_id):
        raise WrongRole
    policy_of(service)
    if request_folio is not None:
        if not isinstance(actor, Staff):  # a kiosk sees no one's requests
            raise WrongRole
        asked = await presented_request(session, request_folio)
        request_folio, person_id = asked.folio, asked.person_id
    if person_id is not None and await find_person(session, person_id) is None:
        raise NotFound
    now, protects = clock.now(), is_protected or await is_older(session, unit_id, person_id)
    own = await visit_to_take(session, unit_id, service, person_id, now)
    if own is None:
        visitor = Visitor(service, person_id, request_folio=request_folio)
        return await add_ticket(session, actor, unit_id, visitor, Arrival(now, is_protected=protects))
    await settle(session, actor, own, Action.ARRIVE)
    visitor = replace(visitor_of(own), request_folio=request_folio)
    return await add_ticket(session, actor, unit_id, visitor, Arrival(now, own.start_at, protects))


async def is_older(session: AsyncSession, unit_id: UUID, person_id: UUID | None) -> bool:
    """Whether the registry says that the law protects the person for their age: they need not ask for it."""
    person = await find_person(session, person_id) if person_id is not None else None
    return person is not None and is_protected_age(person.birth_on, clock.today(await zone_of(session, unit_id)))


async def add_ticket(
    session: AsyncSession,
    actor: Actor,
    unit_id: UUID,
    visitor: Visitor,
    arrival: Arrival,
    *,
    number: int | None = None,
) -> NewTicket:
    """Write a ticket with the place that its arrival gets, on the day of it. `number`: one that was reserved for a
    device, instead of the next.

    Raises:
        NotFound: no such unit. AlreadyWaiting: with the number they have.
    """
    service, person_id = visitor.service, visitor.person_id
    queue = await queue_for(session, unit_id, service, person_id, arrival.arrived_at)
    if queue.open_number is not None:
        raise AlreadyWaiting(number=queue.open_number)
    turn = turn_of(arrival, terms_of(queue))
    arrived = TicketArrived(
        subject_id=ids.new_id(),
        person_id=person_id,
        unit_id=unit_id,
        service=service,
        happened_at=arrival.arrived_at,
        appointment_id=visitor.appointment_id,
        walk_in=arrival.due_at is None,
    )
    given = {
        "unit_id": unit_id,
        "ticket_id": arrived.subject_id,
        "on_date": queue.on_date,
        "letter": queue.letter,
        "service": service,
        "person_id": person_id,
        "appointment_folio": visitor.appointment_folio,
        "request_folio": visitor.request_folio,
        "room": visitor.room,
        "is_protected": arrival.is_protected,
        "arrived_at": arrival.arrived_at,
        "due_at": arrival.due_at,
        "rank_at": turn.rank_at,
        "first_at": turn.first_at,
        "event_id": ids.new_id(),
        "event_type": arrived.type,
        "payload": json.dumps(arrived.payload()),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "channel": actor.channel.value,
        "now": clock.now(),
    }
    try:
        async with savepoint(session):
            if number is None:
                made = (await session.execute(ADD_TICKET, given)).one()
            else:
                made = (await session.execute(ADD_RESERVED_TICKET, given | {"number": number})).one()
    except IntegrityError as error:
        if constraint_of(error) not in ONE_A_PERSON:
            raise
        # Checked in at another counter a moment ago.
        now = await queue_for(session, unit_id, service, person_id, arrival.arrived_at)
        raise AlreadyWaiting(number=now.open_number) from error
    waiting = Waiting(made.unit_id, made.id, made.service, made.letter, made.number, turn, made.room)
    is_late = clock.now() - arrival.arrived_at > LATE  # reported by a desk that was offline
    return NewTicket(
        made.id,
        made.unit_id,
        printed_number(made.letter, made.number),
        made.service,
        TicketStatus(made.status),
        made.on_date,
        made.arrived_at,
        made.code,
        None if is_late else await store_forecast(session, waiting),
        made.appointment_folio,
        made.due_at,
    )


async def given_ticket(session: AsyncSession, ticket: DeskTicket) -> NewTicket:
    """A ticket that was given before, as the slip shows it now."""
    number, turn = printed_number(ticket.letter, ticket.number), Turn(ticket.rank_at, ticket.first_at)
    waiting = Waiting(ticket.unit_id, ticket.id, ticket.service, ticket.letter, ticket.number, turn, ticket.room)
    return NewTicket(
        ticket.id,
        ticket.unit_id,
        number,
        ticket.service,
        TicketStatus(ticket.status),
        ticket.on_date,
        ticket.arrived_at,
        ticket.code,
        await forecast_of(session, waiting) if ticket.status == TicketStatus.WAITING else None,
        ticket.appointment_folio,
        ticket.due_at,
        ticket.version,
    )


async def queue_for(session: AsyncSession, unit_id: UUID, service: str, person_id: UUID | None, at: datetime) -> Any:
    """The queue of a service on the day of an instant, opened when it is the first time that someone comes for it.

    Raises:
        NotFound: no such unit.
    """
    names = {"unit_id": unit_id, "service": service, "person_id": person_id, "now": at}
    found = (await session.execute(QUEUE_FOR, names)).one_or_none()
    if found is None:
        raise NotFound
    if found.letter is None:
        await session.execute(LOCK_UNIT, names)
        await session.execute(OPEN_QUEUE, names)
        found = (await session.execute(QUEUE_FOR, names)).one()
    return found


def terms_of(queue: Any) -> TurnPolicy:
    """What the unit sets for a queue."""
    return TurnPolicy(
        tolerance=queue.tolerance,
        walk_in_offset=queue.walk_in_offset,
        protected=queue.protected,
        appointment_target=queue.appointment_target,
        walk_in_target=queue.walk_in_target,
        grace=queue.grace,
    )
