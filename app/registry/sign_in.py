"""Sign-in by CURP or social-security number."""

from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.rules import Contact
from app.identity.service import codes
from app.kernel.actor import Anonymous
from app.kernel.parsing import is_digits, plain_identifier
from app.registry.identifiers import NSS_LENGTH, parse_curp, parse_nss
from app.registry.masks import masked_person
from app.registry.models import FormerCurp, Person
from app.registry.queries import person_by_curp


def parse_identifier(text: str) -> str:
    """The canonical CURP or social-security number, whichever was typed.

    Raises:
        ValueError: with a sentence (Spanish msgid) that says what is wrong.
    """
    digits = plain_identifier(text)
    return parse_nss(text) if is_digits(digits) or len(digits) == NSS_LENGTH else parse_curp(text)


async def find_person(session: AsyncSession, identifier: str) -> Person | None:
    """The person of a CURP, current or former, or of a social-security number."""
    if len(identifier) != NSS_LENGTH:
        return await person_by_curp(session, identifier)
    found: Person | None = await session.scalar(select(Person).where(Person.nss == identifier))
    return found


async def find_person_in_constant_time(session: AsyncSession, identifier: str) -> Person | None:
    """As `find_person`, in one statement whether or not there is such a person: who may not learn it can't measure it
    either."""
    former = select(FormerCurp.person_id).where(FormerCurp.curp == identifier).scalar_subquery()
    is_current = and_(Person.curp == identifier, Person.declared_at.is_(None))
    wanted = select(Person).where(or_(is_current, Person.nss == identifier, Person.id == former))
    return (await session.scalars(wanted.order_by(is_current.desc()).limit(1))).first()


async def resolve_curp(session: AsyncSession, identifier: str) -> str:
    """The current CURP behind an identifier; for an unknown one, the identifier itself."""
    person = await find_person(session, identifier)
    return person.curp if person is not None else identifier


async def send_code(
    session: AsyncSession, actor: Anonymous, *, identifier: str, language: str, full_only: bool = False
) -> UUID:
    """Send a code to the contact on file behind this identifier, if there is one; returns the challenge either way.

    Who only says to have a CURP (`declared`) gets none here, whether or not the registry has the person: it would tell
    them of each sign-in of its owner, or, were it sent only where the registry has no one, who is in the registry.
    Their account is entered as it was opened (`enrolment.enrol`).

    `full_only`: only where it proves who they are, for a person at the low level who wants the full one.

    Raises:
        TooManyRequests: this person or this address asked too often.
    """
    person = await find_person(session, identifier)
    return await codes.request_code(
        session,
        actor,
        curp=person.curp if person is not None else identifier,
        language=language,
        person_id=person.id if person is not None else None,
        registered=registered_contact(person),
        full_only=full_only,
    )


async def masked_link_owner(session: AsyncSession, token: str) -> str | None:
    """Whose the link in a message is, masked: for the page that it opens. None when it leads nowhere."""
    person_id = await codes.owner_of_link(session, token)
    person = await session.get(Person, person_id) if person_id is not None else None
    return masked_person(person.given_names, person.curp) if person is not None else None


def registered_contact(person: Person | None) -> Contact:
    """The contact that the registry has of a person."""
    return Contact(person.email or None, person.phone or None) if person is not None else Contact()
