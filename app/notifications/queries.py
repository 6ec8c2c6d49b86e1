"""Queries of messages."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment
from app.identity.permissions import Action, require
from app.kernel.actor import Citizen, Staff
from app.kernel.problems import NotFound
from app.notifications import contacts
from app.notifications.calendars import CalendarEntry, calendar_file
from app.notifications.models import Message

LIST_LIMIT = 200
DEAD_LETTER_LIMIT = 200


async def dead_letter_messages(session: AsyncSession, actor: Staff) -> list[Message]:
    """List messages that could not be delivered, oldest first.

    Raises:
        WrongRole: the actor's role doesn't manage messages.
    """
    require(actor, Action.READ_MESSAGES)
    oldest = select(Message).where(Message.status == "dead-letter").order_by(Message.id).limit(DEAD_LETTER_LIMIT)
    return list((await session.scalars(oldest)).all())


async def shown_messages(session: AsyncSession) -> list[Message]:
    """List what a development machine would have sent, latest first."""
    shown = select(Message).where(Message.status == "shown").order_by(Message.id.desc()).limit(LIST_LIMIT)
    return list((await session.scalars(shown)).all())


async def shown_calendar(session: AsyncSession, message_id: UUID) -> str:
    """Return the calendar file of a message shown on a development machine.

    Raises:
        NotFound: there is none.
    """
    message = await session.get(Message, message_id)
    if message is None or message.status != "shown" or message.calendar is None:
        raise NotFound
    return message.calendar


async def own_calendar(session: AsyncSession, actor: Citizen, own: OwnAppointment) -> str:
    """Return the calendar file of an appointment that the citizen may see, as it is now."""
    entry = CalendarEntry(
        appointment_id=own.id,
        folio=own.folio,
        service=own.service,
        room=own.room,
        start_at=own.start_at,
        minutes=own.minutes,
        unit_name=own.unit_name,
        address=own.address,
        timezone=own.timezone,
        latitude=own.latitude,
        longitude=own.longitude,
        version=own.version,
        changed_at=own.changed_at,
        cancelled=own.status == "cancelled",
        affected=own.status == "booked" and own.affected is not None,
    )
    return calendar_file(entry, await contacts.calendar_address(session, actor))
