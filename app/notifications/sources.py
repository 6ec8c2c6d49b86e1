"""Who is told, and where: a contact each person proved."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service import account_of
from app.identity.service.sending import where_code_goes
from app.kernel import clock
from app.kernel.consumers import Event
from app.places import queries as places
from app.registry.queries import person_with_unit

EMAIL, SMS = "email", "sms"

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


async def recipients(session: AsyncSession, person_id: UUID, helper_id: UUID | None, event: Event) -> list[Recipient]:
    """Who is told of what happened to a person: they, and who does it for them; when neither has a contact (a child
    with a desk's help), those they depend on that day, by the clock of the unit where it happened or of their own."""
    told = {person_id: await _recipient(session, person_id)}
    if helper_id is not None:
        told[helper_id] = await _recipient(session, helper_id)
    if not any(told.values()):
        zone = await places.zone_of(session, event.unit_id) if event.unit_id else await zone_of(session, person_id)
        day = clock.local_day(event.at, zone)
        for holder_id in (await session.scalars(_HOLDERS, {"person_id": person_id, "day": day})).all():
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
    return await places.zone_of(session, row[0].unit_id if row is not None else None)


async def name_of(session: AsyncSession, person_id: UUID) -> str:
    """The given names only: enough for a family to know whose appointment or request it is."""
    row = await person_with_unit(session, person_id)
    return row[0].given_names if row is not None else ""
