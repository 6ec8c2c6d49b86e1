"""First time at the portal: CURP, social-security number and postal code must match the registry. Who never had a
number opens an account by CURP and postal code, at the low level, beside the registry."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import FirstTimeMismatch
from app.identity.rules import Contact
from app.identity.service import codes
from app.kernel.actor import Anonymous
from app.registry.declared import declare
from app.registry.models import Person
from app.registry.names import Names
from app.registry.queries import current_curp
from app.registry.sign_in import registered_contact

NO_NAMES = Names()


async def enrol(
    session: AsyncSession,
    actor: Anonymous,
    *,
    curp: str,
    nss: str | None,
    postal_code: str,
    contact: Contact,
    language: str,
    names: Names = NO_NAMES,
) -> UUID:
    """Send a code when the three match one person; returns the challenge.

    All three stand on a payslip, so they prove little: the code goes to the contact that the registry or an account of
    the person has, wherever the caller wants it. Only who has none gets it at the new contact, for an account at the
    low level.

    `nss` is None for who never had a number. If the registry has them, CURP and postal code must match. Otherwise they
    are declared (`declared`): the code goes to the new contact, whether or not the registry has a person of that CURP,
    so a CURP alone doesn't say who is in it.

    Raises:
        TooManyRequests: this person or this address asked too often. FirstTimeMismatch: with a number, the three aren't
        of one person; which of them differs isn't said, nor whether there is such a person.
    """
    curp = await current_curp(session, curp)
    number = Person.nss == nss if nss is not None else Person.nss.is_(None)
    matching = select(Person).where(
        Person.curp == curp, Person.declared_at.is_(None), number, Person.postal_code == postal_code
    )
    person = await session.scalar(matching)
    if person is not None:
        return await codes.request_code(
            session,
            actor,
            curp=curp,
            language=language,
            person_id=person.id,
            registered=registered_contact(person),
            new=contact,
        )
    if nss is not None:
        await codes.count_enrolment_attempt(actor, curp)
        raise FirstTimeMismatch

    async def declared() -> UUID:
        return (await declare(session, curp, names, postal_code=postal_code, language=language)).id

    return await codes.request_account_opening(
        session, actor, curp=curp, language=language, new=contact, declare=declared
    )
