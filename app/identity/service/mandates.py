"""Consent that somebody else acts for a person: given by the person themselves, for services and for a time."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.events import MandateGranted, MandateRevoked
from app.identity.models import Account, Mandate
from app.identity.problems import AgentUnknown
from app.kernel import clock, ids
from app.kernel.actor import Citizen
from app.kernel.facts import record
from app.kernel.problems import NotFound

MOST_KEPT = 100


async def grant_mandate(
    session: AsyncSession, actor: Citizen, *, agent_curp: str, services: Sequence[str], starts_on: date, ends_on: date
) -> Mandate:
    """Let the account of this CURP act for the citizen.

    Raises:
        AgentUnknown: nobody with that CURP has signed in here, or it is the citizen's own.
    """
    agent_id = await session.scalar(select(Account.person_id).where(Account.curp == agent_curp))
    if agent_id is None or agent_id == actor.person_id:
        raise AgentUnknown
    made = Mandate(
        grantor_id=actor.person_id,
        id=ids.new_id(),
        agent_id=agent_id,
        services=sorted(set(services)),
        starts_on=starts_on,
        ends_on=ends_on,
        granted_at=clock.now(),
        channel=actor.channel.value,
    )
    session.add(made)
    await session.flush()
    fact = MandateGranted(
        subject_id=made.id, person_id=actor.person_id, agent_id=agent_id, services=list(made.services)
    )
    await record(session, actor, fact)
    return made


async def revoke_mandate(session: AsyncSession, actor: Citizen, mandate_id: UUID) -> Mandate:
    """Take the consent back, from now on; doing it again changes nothing.

    Raises:
        NotFound: it isn't the citizen's.
    """
    mandate = await session.get(Mandate, (actor.person_id, mandate_id), with_for_update=True)
    if mandate is None:
        raise NotFound
    if mandate.revoked_at is None:
        mandate.revoked_at = clock.now()
        fact = MandateRevoked(subject_id=mandate.id, person_id=actor.person_id, agent_id=mandate.agent_id)
        await record(session, actor, fact)
    return mandate


async def mandates_of(session: AsyncSession, actor: Citizen) -> list[Mandate]:
    """Those the citizen gave, latest first."""
    given = select(Mandate).where(Mandate.grantor_id == actor.person_id).order_by(Mandate.id.desc()).limit(MOST_KEPT)
    return list((await session.scalars(given)).all())
