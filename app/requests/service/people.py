"""What a request takes from its people: the words by which it is searched, the two people of a registration, and what a
declared person filed, merged into the registry's person once their identity is proved.

A declared person and a person of the registry may have the same CURP: the registry knew them after all, or an import
brought them later. When a code of the desk or of the registry's own contact proves that one, all that was filed with
the CURP is theirs, to go on with or to withdraw; the account that filed it ends, since its contact proved nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.eligibility.work import rights_in_force
from app.identity.service.proofs import on_full_assurance
from app.identity.service.revocation import absorb_account
from app.kernel.actor import Citizen
from app.kernel.events import record
from app.registry import problems as refusals
from app.registry.events import PersonMerged
from app.registry.models import FormerCurp, Person
from app.registry.queries import person_by_curp
from app.registry.registrations import lock_people
from app.requests.models import Request
from app.requests.queries.facts import load_facts, other_named
from app.requests.queries.search import folded, vector
from app.requests.rules.checks import DONE_ALREADY
from app.requests.rules.kinship import RELATIVE, is_asked_by_relative, kinship_errors
from app.requests.service.cases import Case
from app.requests.statements import STATEMENTS

_KEEP = STATEMENTS.load("name_words")


async def index_request(session: AsyncSession, case: Case, new_words: Sequence[str]) -> None:
    """Index the request by its person's name as it is now, at its unit. `new_words`: those of the name that may not be
    in the index yet."""
    row = case.request
    row.search = vector(case.person.full_name, str(row.unit_id) if row.unit_id else None)
    if new_words:
        await session.execute(_KEEP, {"words": list(new_words)})


async def reindex_person(session: AsyncSession, person: Person) -> None:
    """Reindex every request of a person by their name as it is now."""
    full_name = person.full_name
    mine = select(Request.unit_id).where(Request.person_id == person.id, Request.search.is_not(None)).distinct()
    for unit_id in (await session.scalars(mine)).all():
        there = (Request.person_id == person.id, Request.unit_id.is_not_distinct_from(unit_id))
        found = update(Request).where(*there, Request.search.is_not(None))
        await session.execute(found.values(search=vector(full_name, str(unit_id) if unit_id else None)))
    await session.execute(_KEEP, {"words": folded(full_name)})


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


# In this order: what belongs to a request follows it.
_MOVE = [
    STATEMENTS.load(f"merge/{name}")
    for name in (
        *("requests", "appeals", "messages", "documents", "refusals"),
        *("certificates", "unprintable_certificates", "work_items", "views"),
    )
]


@on_full_assurance
async def merge_declared(session: AsyncSession, actor: Citizen, session_id: UUID | None) -> None:
    """Give what the declared person of the same CURP filed to the person who was just proved. `session_id`: the
    browser's, which goes on."""
    person = await session.get(Person, actor.person_id)
    if person is None or person.declared_at is not None:
        return
    former = select(FormerCurp.curp).where(FormerCurp.person_id == person.id)
    same = select(Person).where(
        Person.declared_at.is_not(None), or_(Person.curp == person.curp, Person.curp.in_(former))
    )
    for declared in (await session.scalars(same.with_for_update())).all():
        await session.flush()
        for statement in _MOVE:
            await session.execute(statement, {"from": declared.id, "to": person.id})
        await absorb_account(session, declared.id, person.id, keep_session=session_id)
        await reindex_person(session, person)
        await record(session, actor, PersonMerged(subject_id=person.id, person_id=person.id, declared_id=declared.id))
