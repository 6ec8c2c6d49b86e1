"""From an event to who is told, where, and what the message is about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service import account_of
from app.identity.service.sending import where_code_goes
from app.kernel import clock
from app.kernel.follow import Event
from app.notifications.calendars import CalendarEntry
from app.notifications.writing import CANCELLED, EMAIL, SMS
from app.places.queries import unit_by_id
from app.registry.queries import person_with_unit

CITIZEN = "citizen"

_HOLDERS = text(
    "SELECT holder_id FROM dependant WHERE person_id = CAST(:person_id AS uuid) AND starts_on <= :day"
    " AND (ends_on IS NULL OR ends_on >= :day) ORDER BY holder_id"
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person and the contact they proved."""

    person_id: UUID
    channel: str
    address: str
    language: str


async def recipients(session: AsyncSession, event: Event) -> list[Recipient]:
    """Who is told of an appointment: the person, and who did it for them; for a person without a contact of their
    own (a child), those they depend on."""
    assert event.person_id is not None
    told = {event.person_id: await _recipient(session, event.person_id)}
    if event.actor_kind == CITIZEN and event.actor_id is not None:
        told[event.actor_id] = await _recipient(session, event.actor_id)
    if not any(told.values()):
        asked = {"person_id": event.person_id, "day": event.at.date()}
        for holder_id in (await session.scalars(_HOLDERS, asked)).all():
            told[holder_id] = await _recipient(session, holder_id)
    return [recipient for recipient in told.values() if recipient is not None]


async def _recipient(session: AsyncSession, person_id: UUID) -> Recipient | None:
    account = await account_of(session, person_id)
    if account is None:
        return None
    return _reached(person_id, account.email, account.phone, account.language)


def _reached(person_id: UUID, email: str | None, phone: str | None, language: str) -> Recipient | None:
    if email is not None:
        return Recipient(person_id, EMAIL, email, language)
    return Recipient(person_id, SMS, phone, language) if phone is not None else None


async def code_recipient(session: AsyncSession, challenge_id: UUID) -> Recipient | None:
    """Where a one-time code goes; None when the challenge belongs to nobody."""
    challenge = await where_code_goes(session, challenge_id)
    if challenge is None or challenge.person_id is None:
        return None
    return _reached(challenge.person_id, challenge.email, challenge.phone, challenge.language)


async def zone_of(session: AsyncSession, person_id: UUID) -> str:
    """The clock on the person's wall, as far as their clinic tells."""
    row = await person_with_unit(session, person_id)
    return row[1].timezone if row is not None and row[1] is not None else clock.CENTRE


async def name_of(session: AsyncSession, person_id: UUID) -> str:
    """The given names only: enough for a family to know whose appointment it is."""
    row = await person_with_unit(session, person_id)
    return row[0].given_names if row is not None else ""


async def entry_of(session: AsyncSession, event: Event) -> CalendarEntry:
    """The appointment as the event left it, whatever happened to it since."""
    assert event.unit_id is not None
    assert event.service is not None
    unit = await unit_by_id(session, event.unit_id)
    return CalendarEntry(
        appointment_id=event.subject_id,
        folio=event.payload["folio"],
        service=event.service,
        room=event.payload["room"],
        start_at=datetime.fromisoformat(event.payload["start_at"]),
        minutes=event.payload["minutes"],
        unit_name=unit.name,
        address=unit.address,
        timezone=unit.timezone,
        latitude=unit.latitude,
        longitude=unit.longitude,
        version=event.payload.get("version", 1),
        changed_at=event.at,
        cancelled=event.type == CANCELLED,
    )
