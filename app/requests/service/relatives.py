"""The two people of a registration, whichever of them asked for it: locked, and looked at together."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.eligibility.work import rights_in_force
from app.registry import problems as refusals
from app.registry.models import Person
from app.registry.queries import person_by_curp
from app.registry.registrations import lock_people
from app.requests.queries.facts import load_facts, other_named
from app.requests.rules.effect_answers import DONE_ALREADY
from app.requests.rules.kinship import RELATIVE, is_asked_by_relative, kinship_errors
from app.requests.service.cases import Case


async def lock_pair(session: AsyncSession, case: Case) -> None:
    """Lock both people, in the order that every registration of the two locks them."""
    other = await other_named(session, case.request.answers)
    await lock_people(session, {case.person.id, other.id} if other is not None else {case.person.id})


async def pair_of(session: AsyncSession, case: Case) -> tuple[UUID, Person]:
    """The id of the holder, and the person to register with them, both locked.

    What rules refuse to a holder who files is looked at here for a relative who does: a refusal by rules would show
    them the holder's rights.

    Raises:
        RelativeUnknown, HolderUnknown: the registry hasn't whom the answers name. HolderWithoutRights.
        HolderIneligible: by the registry's dates, the kinship can't be.
    """
    answers = case.request.answers
    await lock_pair(session, case)
    if not is_asked_by_relative(answers):
        relative = await person_by_curp(session, answers[RELATIVE])
        if relative is None:
            raise refusals.RelativeUnknown
        return case.person.id, relative
    facts = await load_facts(session, case.service, case.person, answers, case.today)
    if facts.holder_side is None or facts.other_id is None:
        raise refusals.HolderUnknown
    if rights_in_force(facts.holder_side).outcome != "pass":
        raise refusals.HolderWithoutRights
    if any(error.message not in DONE_ALREADY for error in kinship_errors(facts.holder_side)):
        raise refusals.HolderIneligible
    return facts.other_id, case.person
