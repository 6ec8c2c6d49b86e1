"""Whether the person of an appointment was attended or never came: as the counter's work ends, or by the doctor's
list. Only who never checked in can have missed an appointment."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.labels import day_of, hour_of
from app.appointments.queries.own import OwnAppointment, attended_appointment, own_appointment, presented_appointment
from app.appointments.rules import Action, Status
from app.appointments.service.attendance import settle
from app.desk.events import AppointmentAttended, AppointmentMissed, TicketLeft
from app.desk.models import DeskQueue, DeskTicket
from app.desk.problems import NotYetAttended, NotYetMissed, PersonIsHere
from app.desk.rules import tickets
from app.desk.rules.tickets import TicketAction, TicketStatus, printed_number
from app.desk.rules.turns import TurnPolicy
from app.desk.rules.visits import EARLY, missed_from
from app.desk.service.ticket_visits import arrived, can_take, take
from app.kernel import clock
from app.kernel.actor import Actor, Staff, System
from app.kernel.events import record
from app.kernel.i18n import at_hour


async def record_attended(session: AsyncSession, actor: Staff, folio: str) -> OwnAppointment:
    """The person was attended, called or not; it also corrects an absence that was recorded. A ticket that they still
    have ends with it.

    Raises:
        NotFound: no such appointment at the actor's units. NotYetAttended: its day is to come, or its
        hour, and they didn't check in. AppointmentEnded: it was cancelled, or attended already.
    """
    own = await attended_appointment(session, actor, folio)
    if own.on_date > clock.today(own.timezone):
        raise NotYetAttended(day=day_of(own.start_at, own.timezone))
    ticket = await _ticket_of(session, own)
    if ticket is None and clock.now() < own.start_at - EARLY:
        hour = at_hour(hour_of(own.start_at, own.timezone))
        raise NotYetAttended(detail=NotYetAttended.not_here, next_step=NotYetAttended.check_in_first, hour=hour)
    if ticket is not None and can_take(ticket, own):
        await take(session, actor, ticket, own)
        await arrived(session, actor, ticket, own.id)
        own = await presented_appointment(session, own.folio)
    await settle_and_record(session, actor, own, Action.ATTEND)
    if ticket is not None and ticket.status in tickets.OPEN:
        await end_recorded(session, actor, ticket, clock.now())
    return await own_appointment(session, actor, folio)


async def end_recorded(session: AsyncSession, actor: Actor, ticket: DeskTicket, at: datetime) -> None:
    """End an open ticket whose person was attended, called or not, as was recorded for an instant."""
    ticket.status = tickets.step(TicketStatus(ticket.status), TicketAction.RECORD)
    ticket.ended_at, ticket.counter, ticket.version = at, None, ticket.version + 1
    await session.flush()
    left = TicketLeft(
        subject_id=ticket.id,
        person_id=ticket.person_id,
        unit_id=ticket.unit_id,
        service=ticket.service,
        happened_at=at,
        outcome="done" if ticket.served_at is not None else "unended",
    )
    await record(session, actor, left)


async def record_missed(session: AsyncSession, actor: Staff, folio: str) -> OwnAppointment:
    """The person didn't come. It also corrects an attention that was recorded by mistake.

    Raises:
        NotFound: no such appointment at the actor's units. NotYetMissed: they may still come. PersonIsHere: they took a
        ticket. AppointmentEnded: it was cancelled, or recorded as missed already.
    """
    own = await attended_appointment(session, actor, folio)
    tolerance = await tolerance_of(session, own.unit_id, own.service)
    if clock.now() <= missed_from(own.start_at, tolerance):
        raise NotYetMissed(minutes=tolerance)
    ticket = await _ticket_of(session, own)
    if ticket is not None:
        raise PersonIsHere(number=printed_number(ticket.letter, ticket.number))
    await settle_and_record(session, actor, own, Action.MISS)
    return await own_appointment(session, actor, folio)


async def attend_appointment_of(session: AsyncSession, actor: Actor, ticket: DeskTicket, own: OwnAppointment) -> None:
    """Record that the appointment of a ticket that was served, locked before it, was attended; does nothing where it
    has ended since or was moved to another day: the person was attended all the same."""
    if own.on_date == ticket.on_date and own.status in (Status.BOOKED, Status.MISSED):
        await settle_and_record(session, actor, own, Action.ATTEND)


async def record_attended_visit(session: AsyncSession, actor: System, folio: str) -> None:
    """Record that an appointment was attended whose request says so; does nothing where it has ended."""
    own = await presented_appointment(session, folio)
    if own.status == Status.BOOKED:
        await settle_and_record(session, actor, own, Action.ATTEND)


async def settle_and_record(session: AsyncSession, actor: Actor, own: OwnAppointment, action: Action) -> None:
    """Write that an appointment was attended or missed, with its event.

    Raises:
        AppointmentEnded, Stale: as `settle`.
    """
    await settle(session, actor, own, action)
    event = AppointmentAttended if action is Action.ATTEND else AppointmentMissed
    await record(session, actor, event(**own.subject, start_at=own.start_at))


async def tolerance_of(session: AsyncSession, unit_id: UUID, service: str) -> int:
    """For how many minutes after the time of an appointment its person may still come."""
    queue = await session.get(DeskQueue, (unit_id, service))
    return queue.tolerance if queue is not None else TurnPolicy().tolerance


async def latest_ticket_of(session: AsyncSession, own: OwnAppointment) -> DeskTicket | None:
    """The latest ticket with which a person came for an appointment on its day, locked."""
    theirs = (
        select(DeskTicket)
        .where(DeskTicket.unit_id == own.unit_id, DeskTicket.appointment_folio == own.folio)
        .where(DeskTicket.on_date == own.on_date)
        .order_by(DeskTicket.number.desc())
        .limit(1)
    )
    found: DeskTicket | None = await session.scalar(theirs.with_for_update())
    return found


async def _ticket_of(session: AsyncSession, own: OwnAppointment) -> DeskTicket | None:
    """The ticket with which a person came, locked: that of the appointment; or one that they took in that queue without
    saying that they had one."""
    found = await latest_ticket_of(session, own)
    if found is not None and found.status != TicketStatus.LEFT:
        return found
    theirs = _of_person(own).where(DeskTicket.appointment_folio.is_(None))
    other: DeskTicket | None = await session.scalar(theirs.order_by(DeskTicket.number.desc()).limit(1))
    return other or found


async def open_ticket_of(session: AsyncSession, own: OwnAppointment) -> DeskTicket | None:
    """The open ticket that an appointment's person has in that queue on its day, locked."""
    found: DeskTicket | None = await session.scalar(_of_person(own).where(DeskTicket.status.in_(tickets.OPEN)))
    return found


def _of_person(own: OwnAppointment) -> Select[DeskTicket]:
    found = select(DeskTicket).where(
        DeskTicket.unit_id == own.unit_id,
        DeskTicket.on_date == own.on_date,
        DeskTicket.service == own.service,
        DeskTicket.person_id == own.person_id,
    )
    return found.with_for_update()
