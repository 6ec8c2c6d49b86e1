"""Mandates: authorizations for a delegate to act for a person, for some services and until a date."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import MandateGranted, MandateRevoked
from app.identity.models import Account, Mandate
from app.identity.problems import OwnCurp, TooManyMandates
from app.kernel import clock, ids
from app.kernel.actor import Citizen
from app.kernel.events import record
from app.kernel.problems import NotFound

LIST_LIMIT = 100
MAX_IN_FORCE = 20


async def grant_mandate(
    session: AsyncSession,
    actor: Citizen,
    *,
    delegate_curp: str,
    services: Sequence[str],
    starts_on: date,
    ends_on: date,
) -> Mandate:
    """Authorize the person of this CURP to act for the citizen once they have an account, which isn't disclosed.

    Raises:
        OwnCurp: it is the citizen's own. TooManyMandates: they have as many in force as one may.
    """
    delegate_id = await session.scalar(select(Account.person_id).where(Account.curp == delegate_curp))
    mine = select(Account.curp).where(Account.person_id == actor.person_id).with_for_update()  # one at a time
    own = await session.scalar(mine)
    if delegate_curp == own or delegate_id == actor.person_id:
        raise OwnCurp
    if await _count_in_force(session, actor.person_id) >= MAX_IN_FORCE:
        raise TooManyMandates(most=MAX_IN_FORCE)
    made = Mandate(
        grantor_id=actor.person_id,
        id=ids.new_id(),
        delegate_id=delegate_id,
        delegate_curp=delegate_curp,
        services=sorted(set(services)),
        starts_on=starts_on,
        ends_on=ends_on,
        granted_at=clock.now(),
        channel=actor.channel.value,
    )
    session.add(made)
    await session.flush()
    event = MandateGranted(
        subject_id=made.id, person_id=actor.person_id, delegate_id=delegate_id, services=list(made.services)
    )
    await record(session, actor, event)
    return made


async def _count_in_force(session: AsyncSession, grantor_id: UUID) -> int:
    counted = select(func.count()).where(
        Mandate.grantor_id == grantor_id, Mandate.revoked_at.is_(None), Mandate.ends_on >= _lately()
    )
    return int(await session.scalar(counted) or 0)


def _lately() -> date:
    """The earliest day there is anywhere now. Identity knows no units: it is early enough for every clock."""
    return clock.dates_in_progress()[0]


async def revoke_mandate(session: AsyncSession, actor: Citizen, mandate_id: UUID) -> Mandate:
    """Revoke a mandate. Idempotent.

    Raises:
        NotFound: it isn't the citizen's.
    """
    mandate = await session.get(Mandate, (actor.person_id, mandate_id), with_for_update=True)
    if mandate is None:
        raise NotFound
    if mandate.revoked_at is None:
        mandate.revoked_at = clock.now()
        event = MandateRevoked(subject_id=mandate.id, person_id=actor.person_id, delegate_id=mandate.delegate_id)
        await record(session, actor, event)
    return mandate


async def revoke_all_mandates(session: AsyncSession, actor: Citizen) -> None:
    """Revoke every mandate that the citizen granted or received."""
    lately = _lately()
    theirs = select(Mandate).where(
        or_(Mandate.grantor_id == actor.person_id, Mandate.delegate_id == actor.person_id),
        Mandate.revoked_at.is_(None),
        Mandate.ends_on >= lately,
    )
    for mandate in (await session.scalars(theirs.with_for_update())).all():
        mandate.revoked_at = clock.now()
        event = MandateRevoked(subject_id=mandate.id, person_id=mandate.grantor_id, delegate_id=mandate.delegate_id)
        await record(session, actor, event)


async def attach_delegate(session: AsyncSession, curp: str, person_id: UUID) -> None:
    """Attach a new account to the mandates granted to its CURP."""
    waiting = update(Mandate).where(
        Mandate.delegate_curp == curp, Mandate.delegate_id.is_(None), Mandate.grantor_id != person_id
    )
    await session.execute(waiting.values(delegate_id=person_id).execution_options(synchronize_session=False))


async def mandates_of(session: AsyncSession, actor: Citizen) -> list[Mandate]:
    """List the mandates that the citizen granted, latest first."""
    given = select(Mandate).where(Mandate.grantor_id == actor.person_id).order_by(Mandate.id.desc()).limit(LIST_LIMIT)
    return list((await session.scalars(given)).all())
