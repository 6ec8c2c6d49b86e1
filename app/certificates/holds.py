"""Documents that can't be printed as the registry writes them: they wait for staff, and nothing is signed meanwhile."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.certificates.events import CertificateHeld
from app.certificates.models import CertificateHold
from app.kernel import clock
from app.kernel.actor import Actor, Role, Staff
from app.kernel.db import separate_tx
from app.kernel.events import record
from app.requests.models import Request

READERS = (Role.OFFICER, Role.SUPERVISOR, Role.ADMIN)
MOST = 200


async def hold(actor: Actor, request: Request, template: str, letters: str) -> None:
    """Put a request before the staff of its unit, once; it stays although the caller is refused."""
    async with separate_tx() as session:
        row = {
            "person_id": request.person_id,
            "request_id": request.id,
            "request_folio": request.folio,
            "unit_id": request.unit_id,
            "template": template,
            "letters": letters,
            "held_at": clock.now(),
        }
        written = insert(CertificateHold).values(row).on_conflict_do_nothing().returning(CertificateHold.request_id)
        if await session.scalar(written) is None:
            return
        held = CertificateHeld(
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


async def release(session: AsyncSession, request: Request) -> None:
    """It was printed: nothing waits any more."""
    await session.execute(
        delete(CertificateHold).where(
            CertificateHold.person_id == request.person_id, CertificateHold.request_id == request.id
        )
    )


async def held(session: AsyncSession, actor: Staff) -> Sequence[CertificateHold]:
    """Those of the actor's units, oldest first; those without a unit are everybody's."""
    wanted = select(CertificateHold).order_by(CertificateHold.held_at).limit(MOST)
    if actor.unit_ids is not None:
        mine = CertificateHold.unit_id.in_(actor.unit_ids)
        wanted = wanted.where(or_(mine, CertificateHold.unit_id.is_(None)))
    return (await session.scalars(wanted)).all()
