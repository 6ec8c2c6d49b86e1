"""Check in for an appointment: its folio is shown at the unit on the day, and gives a ticket in the one queue."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.labels import day_of, hour_of
from app.appointments.queries.own import OwnAppointment, presented_appointment
from app.appointments.rules import Action as AppointmentAction
from app.appointments.rules import Status
from app.appointments.service.attendance import settle
from app.desk.events import desk_topic
from app.desk.models import DeskTicket
from app.desk.problems import (
    AlreadyWaiting,
    AppointmentClosed,
    AppointmentElsewhere,
    AppointmentNotOpen,
    AppointmentOnAnotherDay,
)
from app.desk.rules.tickets import printed_number
from app.desk.rules.turns import Arrival
from app.desk.rules.visits import is_taken, is_too_soon
from app.desk.service.arrivals import NewTicket, add_ticket, given_ticket, is_older, visitor_of
from app.desk.service.attendance import latest_ticket_of, open_ticket_of
from app.desk.service.ticket_visits import arrived, can_take, take
from app.identity.permissions import may_receive
from app.identity.problems import WrongRole
from app.kernel import clock
from app.kernel.actor import Staff, UnitDevice
from app.kernel.bus import notify
from app.kernel.i18n import N_, at_hour, gettext
from app.places.queries import unit_by_id
from app.places.rules import Point, kilometres

STATES = {
    Status.CANCELLED: N_("cancelada"),
    Status.ATTENDED: N_("ya atendida"),
    Status.UNSERVED: N_("terminada sin atenderse"),
}


async def check_in(
    session: AsyncSession, actor: Staff | UnitDevice, unit_id: UUID, folio: str, *, is_protected: bool = False
) -> NewTicket:
    """Give a ticket for an appointment of today, early or late; who has one in that queue without it checks in with
    that. One that was taken for missed is open again, and so is one that was recorded as attended before its hour
    without anyone checking in.

    Raises:
        WrongRole: the actor doesn't attend people there, and is no kiosk of the unit. NotFound: no such appointment.
        AppointmentElsewhere, AppointmentOnAnotherDay, AppointmentNotOpen, AppointmentClosed. AlreadyWaiting: with the
        number they have.
    """
    if not may_receive(actor, unit_id):
        raise WrongRole
    own = await presented_appointment(session, folio)
    if own.unit_id == unit_id and await _was_recorded_too_soon(session, own):
        await settle(session, actor, own, AppointmentAction.ARRIVE)
        own = await presented_appointment(session, folio)
    await require_here_and_today(session, own, unit_id, clock.now())
    protects = is_protected or await is_older(session, unit_id, own.person_id)
    given = await open_ticket_of(session, own)
    if given is not None:
        return await _take_over(session, actor, given, own, is_protected=protects)
    await settle(session, actor, own, AppointmentAction.ARRIVE)
    return await add_ticket(session, actor, unit_id, visitor_of(own), Arrival(clock.now(), own.start_at, protects))


async def _take_over(
    session: AsyncSession, actor: Staff | UnitDevice, ticket: DeskTicket, own: OwnAppointment, *, is_protected: bool
) -> NewTicket:
    """Check in with the ticket that the person took without their appointment.

    Raises:
        AlreadyWaiting: it is of this appointment already, or of another one.
    """
    number = printed_number(ticket.letter, ticket.number)
    if ticket.appointment_folio is not None and ticket.appointment_folio != own.folio:
        raise AlreadyWaiting(number=number, next_step=AlreadyWaiting.of_other_visit)
    if not can_take(ticket, own):
        raise AlreadyWaiting(number=number)
    if not is_taken(own.start_at, clock.now()):  # their place would be a later one
        raise AlreadyWaiting(number=number, next_step=AlreadyWaiting.of_later_visit)
    ticket.is_protected = ticket.is_protected or is_protected
    await take(session, actor, ticket, own)
    ticket.version += 1
    await arrived(session, actor, ticket, own.id)
    await notify(session, desk_topic(ticket.unit_id))
    return await given_ticket(session, ticket)


async def _was_recorded_too_soon(session: AsyncSession, own: OwnAppointment) -> bool:
    if own.status != Status.ATTENDED:
        return False
    ticket = await latest_ticket_of(session, own)
    return is_too_soon(own.status, ticket.status if ticket else None, has_begun=clock.now() >= own.start_at)


async def require_here_and_today(session: AsyncSession, own: OwnAppointment, unit_id: UUID, at: datetime) -> None:
    """Require an appointment that someone who comes to a unit at an instant can be checked in for.

    Raises:
        AppointmentNotOpen, AppointmentElsewhere, AppointmentOnAnotherDay, AppointmentClosed.
    """
    day, hour = day_of(own.start_at, own.timezone), at_hour(hour_of(own.start_at, own.timezone))
    if own.status in STATES:
        state = gettext(STATES[Status(own.status)])
        raise AppointmentNotOpen(day=day, state=state, extra={"appointment_status": own.status})
    if own.unit_id != unit_id:
        raise AppointmentElsewhere(
            unit=own.unit_name, day=day, hour=hour, extra=await _way_there(session, own, unit_id)
        )
    if own.on_date != clock.local_day(at, own.timezone):
        raise AppointmentOnAnotherDay(day=day, hour=hour, extra={"on_date": own.on_date.isoformat()})
    if own.affected is not None:
        raise AppointmentClosed(extra={"affected": own.affected})


async def _way_there(session: AsyncSession, own: OwnAppointment, unit_id: UUID) -> dict[str, Any]:
    """Where the appointment is, and how far from here in kilometres when both places are known."""
    here = await unit_by_id(session, unit_id)
    km = None
    if here.latitude is not None and here.longitude is not None and own.latitude is not None:
        there = Point(own.latitude, own.longitude or 0.0)
        km = round(kilometres(Point(here.latitude, here.longitude), there), 1)
    return {
        "unit_id": str(own.unit_id),
        "unit_name": own.unit_name,
        "address": own.address,
        "start_at": own.start_at.isoformat(),
        "km": km,
    }
