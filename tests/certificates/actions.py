"""Issue, look up and count: what the tests of certificates do again and again."""

from typing import Any

from sqlalchemy import func, select

from app.certificates import service
from app.certificates.models import Certificate
from app.certificates.service import VerificationResult
from app.kernel.actor import Anonymous, Channel
from app.kernel.events import EventRow
from app.kernel.i18n import Language
from app.registry.models import Person
from app.requests.models import Request
from tests.appointments import factories as people
from tests.conftest import Database

ANYONE = Anonymous(Channel.API, "192.0.2.7")


async def issued(db: Database, request: Request, language: Language = "es") -> Certificate:
    async with db.transaction() as session:
        return await service.issue(session, people.citizen(await _who(session, request)), request, language)


async def _who(session: Any, request: Request) -> Person:
    found: Person | None = await session.get(Person, request.person_id)
    assert found is not None
    return found


async def again(db: Database, certificate: Certificate) -> Certificate:
    """The row as it is now."""
    async with db.transaction() as session:
        found = await session.get(Certificate, (certificate.person_id, certificate.id))
        assert found is not None
        return found


async def verified(db: Database, folio: str, code: str) -> VerificationResult:
    async with db.transaction() as session:
        return await service.verify(session, ANYONE, folio, code)


async def facts(db: Database, kind: str) -> list[EventRow]:
    async with db.transaction() as session:
        return list((await session.scalars(select(EventRow).where(EventRow.type == kind).order_by(EventRow.id))).all())


async def rows(db: Database) -> int:
    async with db.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(Certificate)) or 0)
