"""Queries of certificates."""

import hmac
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.certificates.models import Certificate
from app.kernel import ids
from app.kernel.problems import NotFound

SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2013")


async def certificate_of(
    session: AsyncSession, person_id: UUID, request_id: UUID, language: str, decision_id: UUID
) -> Certificate | None:
    """Return the certificate of a decision in a language, if it was issued."""
    stored = select(Certificate).where(
        Certificate.person_id == person_id,
        Certificate.request_id == request_id,
        Certificate.language == language,
        Certificate.decision_id == decision_id,
    )
    found: Certificate | None = await session.scalar(stored)
    return found


async def other_certificates(session: AsyncSession, certificate: Certificate) -> list[Certificate]:
    """List the person's certificates of this kind for other requests, latest decision first."""
    others = (
        select(Certificate)
        .where(
            Certificate.person_id == certificate.person_id,
            Certificate.template == certificate.template,
            Certificate.request_id != certificate.request_id,
        )
        .order_by(Certificate.decided_at.desc(), Certificate.id.desc())
    )
    return list((await session.scalars(others)).all())


async def find_by_folio_and_code(session: AsyncSession, folio: str, code: str) -> Certificate:
    """Return the certificate with this folio and code, as typed.

    Raises:
        NotFound: there is none; the reason isn't disclosed.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    typed = parse_code(code)
    for found in (await session.scalars(select(Certificate).where(Certificate.folio == canonical))).all():
        if hmac.compare_digest(found.code.encode(), typed.encode()):
            return found
    raise NotFound


async def holder_of(session: AsyncSession, folio: str) -> UUID | None:
    """Return whose the certificate with this folio is: for a desk, where it is shown or scanned."""
    found: UUID | None = await session.scalar(select(Certificate.person_id).where(Certificate.folio == folio).limit(1))
    return found


async def find_by_digest(session: AsyncSession, sha256: bytes) -> Certificate | None:
    """Return the certificate with this digest."""
    found: Certificate | None = await session.scalar(select(Certificate).where(Certificate.sha256 == sha256).limit(1))
    return found


async def known_signers(session: AsyncSession, fingerprints: Sequence[bytes]) -> set[bytes]:
    """Return which of these signing certificates (SHA-256) signed any of our documents."""
    signed = select(Certificate.signer).where(Certificate.signer.in_(fingerprints)).distinct()
    return set((await session.scalars(signed)).all()) if fingerprints else set()


def parse_code(text: str) -> str:
    """Normalise a typed code: any case, spaces, dashes, O for 0, I or L for 1."""
    return text.translate(SEPARATORS).upper().translate(ids.LOOKALIKES)
