"""First time at the portal: CURP, social-security number and postal code must match the registry."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import service as identity
from app.identity.service import Contact
from app.kernel.actor import Anyone
from app.registry.models import Person


async def enrol(
    session: AsyncSession, actor: Anyone, *, curp: str, nss: str, postal_code: str, contact: Contact, language: str
) -> UUID:
    """Send a code to the contact when the three match one person; returns the challenge either way.

    The account is made when the code is proved. Whether the three matched can't be told from the answer.

    Raises:
        TooMany: this person or this address asked too often.
    """
    matching = select(Person.id).where(Person.curp == curp, Person.nss == nss, Person.postal_code == postal_code)
    person_id = await session.scalar(matching)
    return await identity.enrol_code(session, actor, curp=curp, person_id=person_id, contact=contact, language=language)
