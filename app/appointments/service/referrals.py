"""Issue a referral to a specialist."""

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import ReferralIssued
from app.appointments.models import Referral
from app.appointments.queries import own
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.places.queries import unit_by_id


async def issue_referral(
    session: AsyncSession,
    actor: Staff,
    *,
    person_id: UUID,
    unit_id: UUID,
    service: str,
    starts_on: date,
    ends_on: date,
) -> Referral:
    """Let a person of the desk's unit book with a specialist at another unit, between two days.

    Raises:
        NotFound: the person isn't attended at the actor's units, or there is no such unit.
    """
    if not await own.may_act_for(session, actor, person_id):
        raise NotFound
    await unit_by_id(session, unit_id)
    referral = Referral(
        id=ids.new_id(),
        person_id=person_id,
        unit_id=unit_id,
        service=service,
        starts_on=starts_on,
        ends_on=ends_on,
        issued_by=actor.id,
        created_at=clock.now(),
    )
    session.add(referral)
    await session.flush()
    event = ReferralIssued(
        subject_id=referral.id, person_id=person_id, unit_id=unit_id, service=service, ends_on=ends_on
    )
    await record(session, actor, event)
    return referral
