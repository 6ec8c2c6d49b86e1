"""Certificates that can't be typeset as registered: staff are informed, and nothing is signed meanwhile."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.certificates.events import CertificateUnprintable
from app.certificates.models import UnprintableCertificate
from app.kernel import clock
from app.kernel.actor import Actor, Staff
from app.kernel.db import separate_tx
from app.kernel.events import record
from app.requests.models import Request

LIST_LIMIT = 200


async def report_unprintable(actor: Actor, request: Request, template: str, letters: str) -> None:
    """Report a request to the staff of its unit, once; committed although the caller gets an error."""
    async with separate_tx() as session:
        row = {
            "person_id": request.person_id,
            "request_id": request.id,
            "request_folio": request.folio,
            "unit_id": request.unit_id,
            "template": template,
            "letters": letters,
            "reported_at": clock.now(),
        }
        written = (
            insert(UnprintableCertificate)
            .values(row)
            .on_conflict_do_nothing()
            .returning(UnprintableCertificate.request_id)
        )
        if await session.scalar(written) is None:
            return
        held = CertificateUnprintable(
            subject_id=request.id,
            person_id=request.person_id,
            unit_id=request.unit_id,
            service=request.service,
            service_version=request.service_version,
            request_id=request.id,
            template=template,
            letters=len(letters.split()),
        )
        await record(session, actor, held)


async def clear_unprintable(session: AsyncSession, request: Request) -> None:
    """Clear the report after the certificate was issued."""
    await session.execute(
        delete(UnprintableCertificate).where(
            UnprintableCertificate.person_id == request.person_id, UnprintableCertificate.request_id == request.id
        )
    )


async def list_unprintable(session: AsyncSession, actor: Staff) -> Sequence[UnprintableCertificate]:
    """List those of the actor's units, oldest first; those without a unit are visible to all."""
    wanted = select(UnprintableCertificate).order_by(UnprintableCertificate.reported_at).limit(LIST_LIMIT)
    if actor.unit_ids is not None:
        mine = UnprintableCertificate.unit_id.in_(actor.unit_ids)
        wanted = wanted.where(or_(mine, UnprintableCertificate.unit_id.is_(None)))
    return (await session.scalars(wanted)).all()
