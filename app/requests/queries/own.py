"""Access-controlled reads of requests: what loads may be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Date, Result, Select, TextClause, Uuid, and_, bindparam, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.catalog.rules.workflow import OPEN_KINDS, StateKind
from app.documents.models import Document
from app.identity.models import Mandate
from app.identity.permissions import Action, may, require_assurance
from app.kernel import clock, ids
from app.kernel.actor import Actor, Citizen, Staff, System
from app.kernel.problems import NotFound
from app.places.models import Holiday, Unit
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Dependant, Person
from app.registry.queries import person_by_curp
from app.requests.models import Request
from app.requests.queries.facts import days_around, with_federal
from app.requests.statements import STATEMENTS, local_day, mandate_in_force

MAX_CONSENTS = 100
MAX_OPEN = 200


def low_services() -> list[str]:
    """The services that need no more than the low level of assurance."""
    return [service.id for service in load_services().values() if service.assurance == "low"]


# Who may see and act on a request: the one definition, as a condition of a statement and of a query.
_SEEN_BY = STATEMENTS.fragment("seen_by", me="CAST(:me AS uuid)", now=":now")
_SEEN_BY_APPLICANT = STATEMENTS.fragment("seen_by", me="request.applicant_id", now=":now")
_SEEN_AT_LOW_LEVEL = STATEMENTS.fragment("seen_at_low_level")


def _seen_by(actor: Citizen) -> TextClause:
    """The condition that a citizen may see a request; its parameters are those of `_who`."""
    return text(_SEEN_BY if actor.holder_id is not None else _SEEN_AT_LOW_LEVEL)


def _days_around() -> dict[str, date]:
    return dict(zip(("first_day", "last_day"), days_around(), strict=True))


def _who(actor: Actor) -> dict[str, Any]:
    return {"me": actor.id, "now": clock.now()}


def _days_off(unit_id: Any) -> Any:
    between = Holiday.on_date.between(bindparam("first_day", type_=Date()), bindparam("last_day", type_=Date()))
    at_unit = or_(Holiday.unit_id.is_(None), Holiday.unit_id == unit_id)
    return select(func.array_agg(Holiday.on_date)).where(between, at_unit).correlate_except(Holiday).scalar_subquery()


def _zone(unit_id: Any) -> Any:
    return select(Unit.timezone).where(Unit.id == unit_id).correlate_except(Unit).scalar_subquery()


_UNIT_ID = bindparam("unit_id", type_=Uuid())
_AROUND = (
    select(Person, _zone(_UNIT_ID), _days_off(_UNIT_ID))
    .where(Person.id == bindparam("person_id"))
    .execution_options(populate_existing=True)
)
_OF_FILING = (Request.person_id == Person.id, Request.service == bindparam("service"))
_FILING = select(
    Person,
    _zone(Person.unit_id),
    _days_off(Person.unit_id),
    exists()
    .where(*_OF_FILING, Request.applicant_id == bindparam("applicant_id"), Request.kind == StateKind.DRAFT)
    .correlate(Person),
    select(Request.folio)
    .where(*_OF_FILING, Request.duplicate_key == "", Request.kind.in_(OPEN_KINDS))
    .correlate(Person)
    .scalar_subquery(),
).where(Person.id == bindparam("person_id"))
_BY_FOLIO = select(Request).where(Request.folio == bindparam("folio")).execution_options(populate_existing=True)
_CASE = (
    select(Request, Person, _zone(Request.unit_id), _days_off(Request.unit_id))
    .join(Person, Person.id == Request.person_id)
    .where(Request.folio == bindparam("folio"))
    .execution_options(populate_existing=True)
)
_WITH_DOCUMENTS = (
    select(Request.service, Request.kind, Document)
    .outerjoin(Document, and_(Document.person_id == Request.person_id, Document.subject_id == Request.id))
    .where(Request.folio == bindparam("folio"))
    .order_by(Document.id)
)


_APPLICANT = select(Request.applicant_id).where(
    Request.person_id == bindparam("person_id"), Request.id == bindparam("request_id"), text(_SEEN_BY_APPLICANT)
)


_CONSENTS = (
    select(Mandate)
    .join(Person, Person.id == Mandate.grantor_id)
    .where(
        Mandate.delegate_id == bindparam("delegate_id"),
        text(mandate_in_force("mandate", local_day(":now", "person.unit_id"))),
    )
    .order_by(Mandate.id)
    .limit(MAX_CONSENTS)
)


def _scoped(statement: Any, lock: Any = None) -> dict[str, Any]:
    """A statement by whose requests it finds, made once: the toolkit's work to name one is more than the database's."""
    if lock is not None:
        statement = statement.with_for_update(of=lock)
    return {"full": statement.where(text(_SEEN_BY)), "low": statement.where(text(_SEEN_AT_LOW_LEVEL)), "any": statement}


_OWN, _OWN_LOCKED = _scoped(_BY_FOLIO), _scoped(_BY_FOLIO, Request)
_CASES, _DOCUMENTS = _scoped(_CASE, Request), _scoped(_WITH_DOCUMENTS)


async def _find(session: AsyncSession, actor: Actor, folio: str, statements: Mapping[str, Any]) -> Result[Any]:
    """What one of these statements finds of a folio for this actor.

    Raises:
        NotFound: it isn't a folio.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    scope = "any" if not isinstance(actor, Citizen) else "low" if actor.holder_id is None else "full"
    params = _who(actor) | {"folio": canonical} | _days_around()
    found: Result[Any] = await session.execute(statements[scope], params)
    return found


def _require_sure(actor: Actor, service: str) -> None:
    if isinstance(actor, Citizen) and service not in low_services():
        require_assurance(actor)


async def own_request(session: AsyncSession, actor: Actor, folio: str, *, lock: bool = False) -> Request:
    """The request of this folio, if the actor may see it. Staff see submitted requests at their units.

    Raises:
        NotFound: there is none, or it isn't theirs: the answer is the same.
        AssuranceRequired: it is their own, of a service that must be surer who they are.
    """
    found = (await _find(session, actor, folio, _OWN_LOCKED if lock else _OWN)).scalar_one_or_none()
    if found is None or not _may_see(actor, found):
        raise NotFound
    _require_sure(actor, found.service)
    return cast("Request", found)


async def presented_request(session: AsyncSession, folio: str) -> Request:
    """The submitted request whose folio a person shows at a desk: of any unit.

    Raises:
        NotFound: there is none.
    """
    found: Request | None = (await _find(session, System("desk"), folio, _OWN)).scalar_one_or_none()
    if found is None or found.kind == StateKind.DRAFT:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class Around:
    """What every step looks at beside a request's row: its person, the clock of its unit (the centre's where there is
    none) and the days off around today."""

    person: Person
    zone: str
    days_off: frozenset[date]

    @classmethod
    def of(cls, person: Person, zone: str | None, days_off: Sequence[date] | None) -> "Around":
        """From the columns of a statement."""
        return cls(person, zone or DEFAULT_ZONE, with_federal(days_off))


async def opened_request(session: AsyncSession, actor: Actor, folio: str) -> tuple[Request, Around]:
    """The request of this folio, locked, with what is around it, in one statement.

    Raises:
        What `own_request` raises.
    """
    found: Any = (await _find(session, actor, folio, _CASES)).one_or_none()
    if found is None or not _may_see(actor, found[0]):
        raise NotFound
    request, *around = found
    _require_sure(actor, request.service)
    return request, Around.of(*around)


async def around_request(session: AsyncSession, person_id: UUID, unit_id: UUID | None) -> Around:
    """What is around a request that was read already, in one statement.

    Raises:
        NotFound: there is no such person.
    """
    found: Any = (
        await session.execute(_AROUND, {"person_id": person_id, "unit_id": unit_id} | _days_around())
    ).one_or_none()
    if found is None:
        raise NotFound
    return Around.of(*found)


@dataclass(frozen=True, slots=True)
class Filing:
    """What a new request is filed with: what is around it, whether the applicant has a draft of it, and the folio of an
    open request for the same."""

    around: Around
    has_draft: bool
    open_folio: str | None


async def filing_for(session: AsyncSession, person_id: UUID, service: str, applicant_id: UUID) -> Filing | None:
    """All of it in one statement; None when there is no such person. Whether they are the applicant's to file for is
    looked at afterwards."""
    params = {"person_id": person_id, "service": service, "applicant_id": applicant_id} | _days_around()
    found: Any = (await session.execute(_FILING, params)).one_or_none()
    if found is None:
        return None
    *around, has_draft, open_folio = found
    return Filing(Around.of(*around), has_draft, open_folio)


async def own_documents(session: AsyncSession, actor: Citizen, folio: str) -> tuple[str, list[Document]]:
    """What sort of state the citizen's request is in, and its documents, oldest first.

    Raises:
        What `own_request` raises.
    """
    rows: Sequence[Any] = (await _find(session, actor, folio, _DOCUMENTS)).all()
    if not rows:
        raise NotFound
    service, kind, _document = rows[0]
    _require_sure(actor, service)
    return kind, [document for _service, _kind, document in rows if document is not None]


def _may_see(actor: Actor, request: Request) -> bool:
    if isinstance(actor, Staff):
        return request.kind != StateKind.DRAFT and may(actor, Action.WORK_REQUESTS) and works_on(actor, request.unit_id)
    return isinstance(actor, Citizen | System)


def works_on(actor: Staff, unit_id: UUID | None) -> bool:
    """Whether a unit's work is the actor's; work of no unit is for who works at every one."""
    return actor.unit_ids is None if unit_id is None else actor.works_at(unit_id)


@dataclass(frozen=True, slots=True)
class OwnFilter:
    """Which of one's requests are listed: of these services, in states of these kinds."""

    services: Sequence[str] = ()
    kinds: Sequence[StateKind] = ()

    def of(self, mine: Select[Any]) -> Select[Any]:
        """The statement for these alone."""
        mine = mine.where(Request.service.in_(self.services)) if self.services else mine
        return mine.where(Request.kind.in_(self.kinds)) if self.kinds else mine


ALL_OWN = OwnFilter()


async def own_requests(
    session: AsyncSession, actor: Citizen, *, limit: int, after: UUID | None = None, chosen: OwnFilter = ALL_OWN
) -> list[Request]:
    """The citizen's requests, their dependants' and those they act for, latest first. At the low level of assurance,
    their own of the services that need no more."""
    mine = chosen.of(await _mine(session, actor)).limit(limit)
    if after is not None:
        mine = mine.where(Request.id < after)
    return list((await session.scalars(mine, _who(actor))).all())


async def count_own_requests(session: AsyncSession, actor: Citizen, chosen: OwnFilter) -> int:
    """How many `own_requests` has in all."""
    mine = chosen.of(await _mine(session, actor)).order_by(None).subquery()
    return await session.scalar(select(func.count()).select_from(mine), _who(actor)) or 0


async def open_requests(session: AsyncSession, actor: Citizen) -> list[Request]:
    """Of those, what was filed and hasn't ended."""
    mine = (await _mine(session, actor)).where(Request.kind.in_(OPEN_KINDS)).limit(MAX_OPEN)
    return list((await session.scalars(mine, _who(actor))).all())


async def _mine(session: AsyncSession, actor: Citizen) -> Select[Request]:
    mine = select(Request).where(_seen_by(actor)).order_by(Request.id.desc())
    if actor.holder_id is None:
        return mine.where(Request.service.in_(low_services()))
    # Named people rather than a condition on every row: the key begins with the person.
    return mine.where(Request.person_id.in_(await _people_around(session, actor.person_id)))


async def _people_around(session: AsyncSession, me: UUID) -> list[UUID]:
    """Oneself, one's dependants, and who gave one their consent, where it is that day anywhere."""
    first, *_between, last = clock.dates_in_progress()
    dependants = select(Dependant.person_id).where(
        Dependant.holder_id == me,
        Dependant.starts_on <= last,
        or_(Dependant.ends_on.is_(None), Dependant.ends_on >= first),
    )
    grantors = select(Mandate.grantor_id).where(
        Mandate.delegate_id == me, text(mandate_in_force("mandate", ":first_day", ":last_day"))
    )
    found = await session.scalars(dependants.union(grantors), {"first_day": first, "last_day": last})
    return [me, *found.all()]


async def consents_for(session: AsyncSession, delegate_id: UUID) -> list[Mandate]:
    """Return the consents by which this person may act for others today, by the clock of each grantor's unit."""
    return list((await session.scalars(_CONSENTS, {"delegate_id": delegate_id, "now": clock.now()})).all())


async def open_duplicate(session: AsyncSession, person_id: UUID, service: str, key: str) -> str | None:
    """The folio of the open request for the same thing."""
    statement = select(Request.folio).where(
        Request.person_id == person_id,
        Request.service == service,
        Request.duplicate_key == key,
        Request.kind.in_(OPEN_KINDS),
    )
    found: str | None = await session.scalar(statement)
    return found


async def draft_of(session: AsyncSession, person_id: UUID, service: str, applicant_id: UUID) -> Request | None:
    """The draft this applicant has for that person and service, locked."""
    statement = select(Request).where(
        Request.person_id == person_id,
        Request.service == service,
        Request.applicant_id == applicant_id,
        Request.kind == StateKind.DRAFT,
    )
    found: Request | None = await session.scalar(statement.with_for_update())
    return found


async def track(session: AsyncSession, folio: str, birth_on: date) -> Request:
    """A request by folio and the person's birth date: for following it without an account.

    Raises:
        NotFound: no such pair.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    statement = (
        select(Request)
        .join(Person, Person.id == Request.person_id)
        .where(Request.folio == canonical, Person.birth_on == birth_on, Request.kind != StateKind.DRAFT)
    )
    found: Request | None = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def applicant_of(session: AsyncSession, person_id: UUID, request_id: UUID) -> UUID | None:
    """Who filed a request, while they may see it: a consent can be revoked, and who depends on whom changes."""
    found: UUID | None = await session.scalar(
        _APPLICANT, {"person_id": person_id, "request_id": request_id, "now": clock.now()}
    )
    return found


async def request_of(session: AsyncSession, person_id: UUID, request_id: UUID) -> Request | None:
    """A request by its id; requests are partitioned by person."""
    return await session.scalar(select(Request).where(Request.person_id == person_id, Request.id == request_id))


async def has_registered_curp(session: AsyncSession, service: Service, request: Request) -> bool:
    """Whether an open request would assign a number to a declared CURP that the registry already has:
    an approval is refused, and they may have a number already. For staff; the citizen must not learn it."""
    if request.kind == StateKind.FINAL or "assign_nss" not in service.result.effects:
        return False
    person = await session.get_one(Person, request.person_id)
    return person.declared_at is not None and await person_by_curp(session, person.curp) is not None
