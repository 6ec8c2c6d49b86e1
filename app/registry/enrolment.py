"""First time at the portal: CURP, social-security number and postal code must match the registry."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import service as identity
from app.identity.service import Contact
from app.kernel.actor import Anyone
from app.registry.entrance import registered
from app.registry.models import Person
from app.registry.queries import current_curp


async def enrol(
    session: AsyncSession,
    actor: Anyone,
    *,
    curp: str,
    nss: str | None,
    postal_code: str,
    contact: Contact,
    language: str,
) -> UUID:
    """Send a code when the three match one person; returns the challenge either way.

    All three stand on a payslip, so they prove little: the code goes to the contact that the registry or an account of
    the person has, wherever the caller wants it. Only who has none gets it at the new contact, for an account at the
    low level. Whether the three matched can't be told from the answer. `nss` is None for who never had a number.

    Raises:
        TooMany: this person or this address asked too often.
    """
    curp = await current_curp(session, curp)
    number = Person.nss == nss if nss is not None else Person.nss.is_(None)
    matching = select(Person).where(Person.curp == curp, number, Person.postal_code == postal_code)
    person = await session.scalar(matching)
    if person is None:
        return await identity.request_nothing(session, actor, curp=curp, language=language)
    return await identity.request_code(
        session,
        actor,
        curp=curp,
        language=language,
        person_id=person.id,
        registered=registered(person),
        new=contact,
    )
