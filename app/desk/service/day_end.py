"""The end of a unit's day: tickets that are still open end, counters close, and appointments that were never checked in
are missed. Safe to repeat; each unit at its own midnight.

At a unit whose desk recorded no arrival that day, absence isn't known: its appointments stay as they are.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import presented_appointment
from app.appointments.rules import Action, Status
from app.appointments.service.attendance import settle
from app.desk.events import (
    AppointmentAttended,
    AppointmentMissed,
    AppointmentUnserved,
    CounterClosed,
    TicketLeft,
    desk_topic,
)
from app.desk.rules.tickets import TicketStatus, end_of_day
from app.desk.statements import STATEMENTS
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.bus import notify
from app.kernel.events import record

DAY_END = System("desk")
_UNITS = STATEMENTS.load("units_with_ended_days")
_TICKETS = STATEMENTS.load("tickets_left_open")
_END_TICKET = STATEMENTS.load("end_ticket")
_COUNTERS = STATEMENTS.load("close_counters")
_APPOINTMENTS = STATEMENTS.load("appointments_left_open")


async def units_with_ended_days(session: AsyncSession) -> list[UUID]:
    """Units where a day has ended and something of it is still open."""
    return list(await session.scalars(_UNITS, {"now": clock.now()}))


async def end_days(session: AsyncSession, unit_id: UUID) -> None:
    """End what days of a unit before today left open."""
    given = {"unit_id": unit_id, "now": clock.now()}
    # Appointments are locked before tickets, as everywhere.
    for row in (await session.execute(_APPOINTMENTS, given)).all():
        await _end_appointment(session, row.folio, came=row.came, was_served=row.was_served)
    for row in (await session.execute(_TICKETS, given)).all():
        await _end_ticket(session, row)
    for row in (await session.execute(_COUNTERS, given)).all():
        closed = CounterClosed(subject_id=row.id, unit_id=unit_id, counter=row.counter)
        await record(session, DAY_END, closed)
    await notify(session, desk_topic(unit_id))


async def _end_ticket(session: AsyncSession, row: Any) -> None:
    status, because = end_of_day(TicketStatus(row.status))
    # What the person did is known to the end of the day only.
    ended: datetime = row.day_ended_at
    given = {"unit_id": row.unit_id, "id": row.id, "status": status.value, "because": because, "ended_at": ended}
    await session.execute(_END_TICKET, given)
    left = TicketLeft(
        subject_id=row.id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        service=row.service,
        happened_at=ended,
        outcome="unended" if because is None else because.value,
    )
    await record(session, DAY_END, left)


async def _end_appointment(session: AsyncSession, folio: str, *, came: bool, was_served: bool) -> None:
    own = await presented_appointment(session, folio)
    if own.status != Status.BOOKED:
        return
    common: dict[str, Any] = {
        "subject_id": own.id,
        "person_id": own.person_id,
        "unit_id": own.unit_id,
        "service": own.service,
        "folio": own.folio,
        "start_at": own.start_at,
    }
    is_closed = own.affected is not None
    if was_served:
        await settle(session, DAY_END, own, Action.ATTEND)
        await record(session, DAY_END, AppointmentAttended(**common))
    elif came or is_closed:
        await settle(session, DAY_END, own, Action.UNSERVE)
        await record(session, DAY_END, AppointmentUnserved(**common, closed=is_closed))
    else:
        await settle(session, DAY_END, own, Action.MISS)
        await record(session, DAY_END, AppointmentMissed(**common))
