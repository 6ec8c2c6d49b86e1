"""Registrations of dependants with their previous values, so that one can be undone; and their locks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Actor
from app.kernel.events import record
from app.kernel.parsing import iso_date
from app.registry.events import PersonChanged, RegistrationUndone
from app.registry.models import Dependant, Person
from app.registry.problems import RegistrationChanged

DATES = ("starts_on", "ends_on", "studies_until")
WRITTEN = ("kinship", "situation", "is_protected", *DATES)
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration that an approval wrote: the values before (None: there was none) and after, dates as text.
    `is_by_relative`: the dependant asked for it, so that the holder is notified of what becomes of it."""

    holder_id: UUID
    person_id: UUID
    before: Values | None
    after: Values
    is_by_relative: bool

    def stored(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "holder_id": str(self.holder_id),
            "person_id": str(self.person_id),
            "before": dict(self.before) if self.before is not None else None,
            "after": dict(self.after),
            "is_by_relative": self.is_by_relative,
        }

    @classmethod
    def from_stored(cls, found: Mapping[str, Any]) -> "Registration":
        """One that was stored."""
        ids = (UUID(found["holder_id"]), UUID(found["person_id"]))
        return cls(*ids, found["before"], found["after"], bool(found["is_by_relative"]))


async def lock_people(session: AsyncSession, person_ids: Iterable[UUID]) -> None:
    """Lock people until the transaction ends, always in the same order: of two registrations of the same two people,
    one asked for by each, the second waits for the first instead of both for each other."""
    ids = sorted(set(person_ids))
    await session.execute(select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update())


async def registered_values(session: AsyncSession, holder_id: UUID, person_id: UUID) -> Values | None:
    """What the registry says of a registration, locked; None where there is none."""
    link = await session.get(Dependant, (holder_id, person_id), with_for_update=True, populate_existing=True)
    return _values_of(link) if link is not None else None


async def is_registration_undoable(session: AsyncSession, made: Registration) -> bool:
    """Whether the registry says what this registration wrote, so that it could be undone."""
    link = await session.get(Dependant, (made.holder_id, made.person_id))
    return link is not None and _values_of(link) == made.after


async def undo_registration(session: AsyncSession, actor: Actor, made: Registration) -> None:
    """Restore the previous values.

    Raises:
        RegistrationChanged: it doesn't say any more what the registration wrote.
    """
    await lock_people(session, (made.holder_id, made.person_id))
    if await registered_values(session, made.holder_id, made.person_id) != made.after:
        raise RegistrationChanged
    link = await session.get_one(Dependant, (made.holder_id, made.person_id))
    if made.before is None:
        await session.delete(link)
    else:
        for name, value in made.before.items():
            setattr(link, name, iso_date(value) if name in DATES and value is not None else value)
    await session.flush()
    changed = PersonChanged(subject_id=made.person_id, person_id=made.person_id, what="dependant-undone")
    await record(session, actor, changed)
    if made.is_by_relative:
        undone = RegistrationUndone(subject_id=made.holder_id, person_id=made.holder_id, dependant_id=made.person_id)
        await record(session, actor, undone)


def _values_of(link: Dependant) -> dict[str, Any]:
    values = {name: getattr(link, name) for name in WRITTEN}
    return {name: value.isoformat() if name in DATES and value else value for name, value in values.items()}
