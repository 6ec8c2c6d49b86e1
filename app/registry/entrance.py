"""Signing in by either number a person has at hand: CURP or social-security number."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity import service as identity
from app.kernel.actor import Anyone
from app.kernel.parsing import is_digits
from app.registry.identifiers import NSS_LENGTH, parse_curp, parse_nss, plain
from app.registry.models import Person


def parse_identifier(text: str) -> str:
    """The canonical CURP or social-security number, whichever was typed.

    Raises:
        ValueError: with a sentence (Spanish msgid) that says what is wrong.
    """
    digits = plain(text)
    return parse_nss(text) if is_digits(digits) or len(digits) == NSS_LENGTH else parse_curp(text)


async def curp_of(session: AsyncSession, identifier: str) -> str:
    """The CURP behind an identifier; of a number nobody has, the number itself, which leads nowhere."""
    if len(identifier) != NSS_LENGTH:
        return identifier
    return await session.scalar(select(Person.curp).where(Person.nss == identifier)) or identifier


async def send_code(session: AsyncSession, actor: Anyone, *, identifier: str, language: str) -> UUID:
    """Send a code to the account behind this identifier, if there is one; returns the challenge either way.

    Raises:
        TooMany: this person or this address asked too often.
    """
    curp = await curp_of(session, identifier)
    return await identity.request_code(session, actor, curp=curp, language=language)
