"""Declared people: they opened an account by CURP, and their identity was never verified with a document.

A declared person stands beside the registry and never in it: the registry may have another row with the same CURP, of
which they learn nothing. Each CURP has one declared person at most.

They end in one of three ways. A desk that sees their document makes them a person of the registry, with what they filed
(`register_at_desk`); so does an officer who compared their data (`service.confirm_declared`). When the registry has the
person already, or an import brings them, who proves to be that person gets what the declared one filed
(`requests.service.merging`).
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.problems import PersonUnknown
from app.kernel import clock, ids
from app.kernel.actor import Staff
from app.kernel.events import record
from app.kernel.problems import NotFound, Unavailable
from app.kernel.statements import StatementFiles
from app.registry.events import PersonChanged
from app.registry.identifiers import CURP_SEX, birth_date_of
from app.registry.models import Person
from app.registry.names import Names
from app.registry.queries import person_by_curp


async def declared_person(session: AsyncSession, curp: str, *, lock: bool = False) -> Person | None:
    """The declared person of a CURP."""
    wanted = select(Person).where(Person.curp == curp, Person.declared_at.is_not(None))
    found: Person | None = await session.scalar(wanted.with_for_update() if lock else wanted)
    return found


async def declare(session: AsyncSession, curp: str, names: Names, *, postal_code: str, language: str) -> Person:
    """The declared person of a CURP, made when there is none. Names are added to who has none, never replaced."""
    made = insert(Person).values(
        id=ids.new_id(),
        curp=curp,
        given_names=names.given_names,
        first_surname=names.first_surname,
        second_surname=names.second_surname or None,
        birth_on=birth_date_of(curp),
        sex=curp[CURP_SEX],
        postal_code=postal_code,
        language=language,
        declared_at=clock.now(),
    )
    await session.execute(
        made.on_conflict_do_nothing(index_elements=[Person.curp], index_where=Person.declared_at.is_not(None))
    )
    person = await declared_person(session, curp, lock=True)
    if person is None:  # the registry took the person in at the same moment
        raise Unavailable
    if not person.given_names:
        _write(person, names)
    return person


def _write(person: Person, names: Names) -> None:
    person.given_names, person.first_surname = names.given_names, names.first_surname
    person.second_surname = names.second_surname or None


async def register_at_desk(session: AsyncSession, actor: Staff, curp: str, names: Names) -> Person:
    """The person of a CURP whose document the actor sees. Of one whom the registry doesn't have, the names on the
    document make a person of the registry; what they filed by themselves stays theirs.

    Raises:
        NotFound: they are attended at a unit that isn't the actor's. PersonUnknown: the registry doesn't have them, and
        there are no names.
    """
    found = await person_by_curp(session, curp)
    if found is not None:
        # Who has no clinic is attended at any desk: none is theirs to go to.
        if found.unit_id is not None and not actor.works_at(found.unit_id):
            raise NotFound
        return found
    if not names.given_names:
        raise PersonUnknown
    person = await declared_person(session, curp, lock=True)
    if person is None:
        person = Person(id=ids.new_id(), curp=curp, birth_on=birth_date_of(curp), sex=curp[CURP_SEX])
        session.add(person)
    _write(person, names)
    person.declared_at = None
    await session.flush()
    await record(session, actor, PersonChanged(subject_id=person.id, person_id=person.id, what="registered-at-desk"))
    return person


_DELETE_UNVERIFIED = StatementFiles("app.registry").load("delete_unverified")


async def delete_unverified(session: AsyncSession, before: datetime) -> None:
    """Delete declared people from before who never proved their contact, or closed their account and filed nothing."""
    await session.execute(_DELETE_UNVERIFIED, {"before": before})
