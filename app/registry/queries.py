"""Reads of the registry: a person, their family, and who may act for whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.problems import NotFound
from app.law.current import count_on
from app.places.models import Unit
from app.places.queries import today_at, zone_of
from app.registry.dependant_coverage import is_covered, last_covered_day
from app.registry.models import Affiliation, Coverage, Dependant, FormerCurp, Person, VoluntaryPayment
from app.registry.representation import acts_for
from app.registry.rights import Sources, own_rights_from, rights_from, rights_sql, rights_without_policies
from app.registry.rules import ONE_DAY, InForce, Job, Period
from app.registry.voluntary import continuation_cover, family_cover, first_of_next_month


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A person the citizen may act for: themselves (no kinship) or a dependant."""

    person: Person
    kinship: str | None


async def find_person(session: AsyncSession, person_id: UUID) -> Person | None:
    """The person of this id, if there is one. Whether the caller may see them is decided before."""
    return await session.get(Person, person_id)


async def names_of(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, str]:
    """The full names of people, by id."""
    found = await session.scalars(select(Person).where(Person.id.in_(people))) if people else ()
    return {one.id: one.full_name for one in found}


async def person_by_id(session: AsyncSession, person_id: UUID) -> Person:
    """The same, of an id that a row refers to.

    Raises:
        NotFound: there is no such person.
    """
    person = await find_person(session, person_id)
    if person is None:
        raise NotFound
    return person


async def person_by_curp(session: AsyncSession, curp: str) -> Person | None:
    """The person of the registry who has this CURP, or had it before it was corrected."""
    found: Person | None = await session.scalar(select(Person).where(Person.curp == curp, Person.declared_at.is_(None)))
    if found is None:
        former = select(Person).join(FormerCurp, FormerCurp.person_id == Person.id).where(FormerCurp.curp == curp)
        found = await session.scalar(former)
    return found


async def current_curp(session: AsyncSession, curp: str) -> str:
    """The CURP that replaced this one, or itself."""
    person = select(Person.curp).join(FormerCurp, FormerCurp.person_id == Person.id).where(FormerCurp.curp == curp)
    return await session.scalar(person) or curp


async def own_person(session: AsyncSession, actor: Citizen, person_id: UUID | None = None) -> Person:
    """The citizen, or a dependant of theirs.

    Raises:
        NotFound: that person isn't theirs to act for.
    """
    family = await family_of(session, actor)
    for member in family:
        if member.person.id == (person_id or actor.person_id):
            return member.person
    raise NotFound


async def family_of(session: AsyncSession, actor: Citizen) -> list[FamilyMember]:
    """Whom the citizen acts for: themselves first, then their dependants in force today who are not 18 yet, by the
    clock of each one's unit, oldest first; at the low level of assurance, the citizen alone."""
    me = await session.get(Person, actor.person_id)
    if me is None:
        return []
    if actor.holder_id is None:
        return [FamilyMember(me, None)]
    dependants = (
        select(Person, Dependant.kinship)
        .join(Dependant, Dependant.person_id == Person.id)
        .where(Dependant.holder_id == actor.holder_id, acts_for(Person.birth_on, today_at(Person.unit_id, me.unit_id)))
        .order_by(Person.birth_on)
    )
    rows = await session.execute(dependants)
    return [FamilyMember(me, None), *(FamilyMember(person, kinship) for person, kinship in rows)]


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered dependant and the last day of coverage; None if no end is known."""

    person: Person
    kinship: str
    until: date | None


async def registered_family(session: AsyncSession, actor: Citizen) -> list[Registered]:
    """Everyone who is covered through the citizen today, of any age, oldest first; no one at the low level of
    assurance. Whom the citizen acts for is another matter (`family_of`)."""
    me = await session.get(Person, actor.person_id)
    if me is None or actor.holder_id is None:
        return []
    today = await today_of(session, me)
    covered = (
        select(Person, Dependant)
        .join(Dependant, Dependant.person_id == Person.id)
        .where(Dependant.holder_id == actor.holder_id, is_covered(today))
        .order_by(Person.birth_on)
    )
    rows = await session.execute(covered)
    return [Registered(person, link.kinship, last_covered_day(link, person, today)) for person, link in rows]


async def today_of(session: AsyncSession, person: Person) -> date:
    """Today's date at the person's unit: rights begin and end with its day, not with Greenwich's."""
    return clock.today(await zone_of(session, person.unit_id))


_RIGHTS = text("SELECT " + rights_sql("CAST(:person_id AS uuid)", "CAST(:day AS date)"))


async def rights_of(session: AsyncSession, person_id: UUID, day: date) -> InForce:
    """The best of the person's own rights and of those through whom they depend on, on a day."""
    return rights_from(await _sources(session, person_id, day), day)


async def own_rights_of(session: AsyncSession, person_id: UUID, day: date) -> InForce:
    """The rights the person has of their own on a day: those that their dependants have through them."""
    return own_rights_from(await _sources(session, person_id, day), day)


async def rights_without_policies_of(session: AsyncSession, person_id: UUID, day: date) -> InForce:
    """The person's rights on a day but for family policies, own or of whom they depend on."""
    return rights_without_policies(await _sources(session, person_id, day), day)


async def next_policy_from(session: AsyncSession, person_id: UUID, day: date) -> date:
    """The first day of a family policy asked for on a day: the first of the next month (LSS art. 242), or the day after
    the policy that is paid already."""
    paid = select(VoluntaryPayment.starts_on, VoluntaryPayment.paid_on).where(
        VoluntaryPayment.person_id == person_id, VoluntaryPayment.scheme == "family-health"
    )
    ends = [family_cover(*row).ends_on for row in await session.execute(paid)]
    return max([first_of_next_month(day), *(end + ONE_DAY for end in ends if end is not None)])


async def work_of(session: AsyncSession, person_id: UUID) -> list[Affiliation]:
    """The periods of work of a person, by first day."""
    wanted = select(Affiliation).where(Affiliation.person_id == person_id, Affiliation.scheme == "work")
    return list((await session.scalars(wanted.order_by(Affiliation.starts_on))).all())


def jobs_of(rows: Iterable[Affiliation]) -> list[Job]:
    """Periods of work as the rules see them."""
    return [Job(Period(row.starts_on, row.ends_on), row.daily_wage, row.is_casual) for row in rows]


async def continuation_of(session: AsyncSession, person_id: UUID, work: Iterable[Period]) -> list[Period]:
    """The days a person contributed by modality 40: what was paid here, and what was imported."""
    other = select(Affiliation.starts_on, Affiliation.ends_on).where(
        Affiliation.person_id == person_id, Affiliation.scheme == "modality-40"
    )
    found = [Period(*row) for row in await session.execute(other)]
    paid = select(VoluntaryPayment.starts_on, func.array_agg(VoluntaryPayment.month)).where(
        VoluntaryPayment.person_id == person_id, VoluntaryPayment.scheme == "modality-40"
    )
    worked = list(work)
    for starts_on, months in await session.execute(paid.group_by(VoluntaryPayment.starts_on)):
        found += continuation_cover(starts_on, months, worked, count_on("modality-40-unpaid-months", starts_on))
    return sorted(found)


async def _sources(session: AsyncSession, person_id: UUID, day: date) -> Sources:
    return cast("Sources", await session.scalar(_RIGHTS, {"person_id": person_id, "day": day}))


async def person_with_unit(session: AsyncSession, person_id: UUID) -> "Row[Person, Unit] | None":
    """A person and the unit they are assigned to: for messages and confirmations."""
    joined = select(Person, Unit).outerjoin(Unit, Unit.id == Person.unit_id).where(Person.id == person_id)
    return (await session.execute(joined)).one_or_none()


async def units_serving(session: AsyncSession, postal_code: str) -> list[Unit]:
    """The units in operation that serve a postal code, by name; empty if unknown."""
    there = select(Coverage.unit_id).where(Coverage.postal_code == postal_code)
    wanted = select(Unit).where(Unit.id.in_(there), Unit.is_operating).order_by(Unit.name)
    return list((await session.scalars(wanted)).all())
