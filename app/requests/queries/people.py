"""What staff see around a request: who has it, the person's other requests, family and consents, whose they are, and
whom no message reaches."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy import case as when
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.queries import service_version
from app.catalog.rules.workflow import StateKind
from app.identity.models import Mandate, StaffMember, StaffUnit
from app.identity.permissions import Action, roles_for
from app.kernel import clock, ids
from app.kernel.actor import Assurance, Staff
from app.kernel.problems import NotFound
from app.places.models import Unit
from app.places.queries import zone_of
from app.registry.dependant_coverage import is_covered
from app.registry.models import Dependant, Person
from app.registry.queries import FamilyMember
from app.registry.reachability import unreachable
from app.requests.models import Request, WorkItem, queue_of
from app.requests.queries.own import applicant_of, works_on

MAX_SHOWN = 50
MAX_COLLEAGUES = 300


@dataclass(frozen=True, slots=True)
class Work:
    """The open work of a request: who has it and until when."""

    holder_id: UUID | None
    holder_name: str | None
    lease_until: datetime | None
    due_on: date
    role: str
    kind: str
    escalated_at: datetime | None
    has_lapsed: bool


async def work_of(session: AsyncSession, request: Request) -> Work | None:
    """The request's row of open work; None while it doesn't wait for staff."""
    statement = (
        select(WorkItem, StaffMember.full_name)
        .outerjoin(StaffMember, StaffMember.id == WorkItem.holder_id)
        .where(WorkItem.unit_id == queue_of(request.unit_id), WorkItem.request_id == request.id)
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    item, name = found
    lapsed = item.lease_until is not None and item.lease_until <= clock.now()
    return Work(item.holder_id, name, item.lease_until, item.due_on, item.role, item.kind, item.escalated_at, lapsed)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another request of the person. One of a unit that isn't the actor's shows what it was for and how it stands."""

    service: str
    kind: str
    outcome: str | None
    folio: str | None
    submitted_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.kind != StateKind.FINAL


async def earlier_requests(session: AsyncSession, actor: Staff, request: Request) -> list[Earlier]:
    """Return the person's other submitted requests, latest first: duplicates show here."""
    others = (
        select(Request)
        .where(Request.person_id == request.person_id, Request.id != request.id, Request.kind != StateKind.DRAFT)
        .order_by(Request.id.desc())
        .limit(MAX_SHOWN)
    )
    return [
        Earlier(
            one.service, one.kind, one.outcome, one.folio if works_on(actor, one.unit_id) else None, one.submitted_at
        )
        for one in (await session.scalars(others)).all()
    ]


@dataclass(frozen=True, slots=True)
class StaffProfile:
    """Who a member of staff is and where they work: `units` counts their units, None for all; `unit_name` is that of
    the only one."""

    full_name: str
    role: str
    units: int | None
    unit_name: str | None


async def staff_profile(session: AsyncSession, staff_id: UUID) -> StaffProfile | None:
    """A member of staff as the top of their pages shows them."""
    statement = (
        select(StaffMember.full_name, StaffMember.role, StaffMember.all_units, func.count(), func.min(Unit.name))
        .outerjoin(StaffUnit, StaffUnit.staff_id == StaffMember.id)
        .outerjoin(Unit, Unit.id == StaffUnit.unit_id)
        .where(StaffMember.id == staff_id, StaffMember.is_active)
        .group_by(StaffMember.id)
    )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        return None
    full_name, role, all_units, units, unit_name = found
    return StaffProfile(
        full_name, role, None if all_units else units, unit_name if units == 1 and not all_units else None
    )


async def colleagues_of(session: AsyncSession, actor: Staff, request: Request, role: str) -> list[StaffMember]:
    """Members of staff a supervisor may give the request to, which waits for this role: of an appeal, none who took
    part in the refusal."""
    there = exists().where(StaffUnit.staff_id == StaffMember.id, StaffUnit.unit_id == request.unit_id)
    barred = {actor.staff_id, *request.excluded_ids}
    able = {one.value for one in roles_for(Action.SUPERVISE_REQUESTS if role == "supervisor" else Action.WORK_REQUESTS)}
    return [one for one in await _workers(session, there) if one.id not in barred and one.role in able]


async def colleagues_at(session: AsyncSession, actor: Staff) -> list[StaffMember]:
    """Who works on requests at any unit of the actor's, the actor too."""
    if actor.unit_ids is None:
        return await _workers(session, true())
    there = exists().where(StaffUnit.staff_id == StaffMember.id, StaffUnit.unit_id.in_(actor.unit_ids))
    return await _workers(session, there)


async def _workers(session: AsyncSession, there: ColumnElement[bool]) -> list[StaffMember]:
    statement = (
        select(StaffMember)
        .where(
            StaffMember.is_active,
            StaffMember.role.in_([role.value for role in roles_for(Action.WORK_REQUESTS)]),
            or_(StaffMember.all_units, there),
        )
        .order_by(StaffMember.full_name)
        .limit(MAX_COLLEAGUES)
    )
    return list((await session.scalars(statement)).all())


async def person_for_work(session: AsyncSession, actor: Staff, person_id: UUID) -> Person:
    """A person of the actor's units, or with a request there.

    Raises:
        NotFound: neither; the response is the same as for an unknown person.
    """
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound
    if works_on(actor, person.unit_id) or await requests_of(session, actor, person_id):
        return person
    raise NotFound


async def requests_of(session: AsyncSession, actor: Staff, person_id: UUID) -> list[Request]:
    """The person's requests the actor may see, latest first."""
    statement = (
        select(Request)
        .where(Request.person_id == person_id, Request.kind != StateKind.DRAFT)
        .order_by(Request.id.desc())
        .limit(MAX_SHOWN)
    )
    return [row for row in (await session.scalars(statement)).all() if works_on(actor, row.unit_id)]


async def family_for_work(session: AsyncSession, person_id: UUID, today: date) -> list[FamilyMember]:
    """Who depends on the person today."""
    statement = (
        select(Person, Dependant.kinship)
        .join(Dependant, Dependant.person_id == Person.id)
        .where(
            Dependant.holder_id == person_id,
            is_covered(today),
        )
        .order_by(Person.birth_on)
    )
    return [FamilyMember(who, kinship) for who, kinship in await session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent the person gave, or was given (`is_given` false), and the other's name; their id if they are known."""

    is_given: bool
    other: str
    other_id: UUID | None
    services: Sequence[str]
    starts_on: date
    ends_on: date
    revoked_at: datetime | None


async def consents_about(session: AsyncSession, person_id: UUID) -> list[Consent]:
    """Consents the person gave and those given to them, latest first."""
    grants = Mandate.grantor_id == person_id
    other = when((grants, Mandate.delegate_id), else_=Mandate.grantor_id)
    by_curp = and_(Person.curp == Mandate.delegate_curp, Person.declared_at.is_(None))
    statement = (
        select(Mandate, Person)
        .outerjoin(Person, or_(Person.id == other, and_(other.is_(None), by_curp)))
        .where(or_(grants, Mandate.delegate_id == person_id))
        .order_by(Mandate.id.desc())
        .limit(MAX_SHOWN)
    )
    return [
        Consent(
            one.grantor_id == person_id,
            who.full_name if who else one.delegate_curp,
            who.id if who else None,
            one.services,
            one.starts_on,
            one.ends_on,
            one.revoked_at,
        )
        for one, who in await session.execute(statement)
    ]


async def people_of(session: AsyncSession, actor: Staff, folios: Sequence[str]) -> dict[UUID, UUID | None]:
    """Whose requests these are, of those that the actor may see, with the unit that attends each."""
    statement = select(Request.person_id, Request.unit_id).where(Request.folio.in_(_canonical(folios)))
    found = (await session.execute(statement.where(Request.kind != StateKind.DRAFT))).all()
    return {person_id: unit_id for person_id, unit_id in found if works_on(actor, unit_id)}


async def person_of_folio(session: AsyncSession, folio: str) -> UUID | None:
    """Whose request this folio is."""
    found: UUID | None = await session.scalar(select(Request.person_id).where(Request.folio.in_(_canonical([folio]))))
    return found


def _canonical(folios: Sequence[str]) -> list[str]:
    found = []
    for folio in folios:
        with suppress(ValueError):
            found.append(ids.parse_folio(folio))
    return found


Group = tuple[UUID | None, Assurance]


async def unreachable_requests(session: AsyncSession, rows: Sequence[Request]) -> set[UUID]:
    """The ids of those requests of which neither the person (for a child, those they depend on) nor who filed it for
    them can be notified."""
    groups: dict[Group, list[Request]] = {}
    for row in rows:
        service = await service_version(session, row.service, row.service_version)
        groups.setdefault((row.unit_id, Assurance(service.assurance)), []).append(row)
    found = set()
    for (unit_id, needed), there in groups.items():
        today = clock.today(await zone_of(session, unit_id))
        mute = await unreachable(session, {row.person_id for row in there}, today, needed)
        for row in there:
            if row.person_id not in mute:
                continue
            helper = await applicant_of(session, row.person_id, row.id) if row.applicant_id != row.person_id else None
            if helper is None or await unreachable(session, {helper}, today, Assurance.FULL, alone=True):
                found.add(row.id)
    return found
