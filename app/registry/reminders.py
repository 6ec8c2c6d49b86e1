"""Reminder of a social-security number for callers at low assurance: sent to the registry's contact."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.service import attempts
from app.kernel.actor import Citizen
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.registry.events import NumberReminded
from app.registry.models import Person
from app.registry.queries import person_by_curp


async def remind_number(session: AsyncSession, actor: Citizen) -> None:
    """Send the number of the person of the registry with the actor's CURP to the registry's contact, if there are both;
    the answer doesn't say whether there are.

    Raises:
        TooManyRequests: it was sent too often.
    """
    me = await session.get(Person, actor.person_id)
    if me is None:
        raise NotFound
    await attempts.count_reminder(me.curp)
    person = me if me.declared_at is None else await person_by_curp(session, me.curp)
    if person is not None and person.nss and (person.email or person.phone):
        await record(session, actor, NumberReminded(subject_id=person.id, person_id=person.id))
