"""Access-controlled reads of requests: what loads may be seen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, any_, exists, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.identity.models import Account, Mandate
from app.identity.permissions import Action, may, require_assurance
from app.kernel import clock, ids
from app.kernel.actor import Actor, Citizen, Staff, System
from app.kernel.problems import NotFound
from app.places.queries import today_at
from app.registry.models import Dependant, Person
from app.registry.queries import person_by_curp
from app.registry.representation import acts_for
from app.requests.models import Appeal, Request, RequestMessage

"""Those who may also do what a supervisor does."""
MAX_CONSENTS = 100
MAX_OPEN = 200

_HISTORY = text(
    "SELECT at, type, actor_kind, channel, payload FROM event WHERE subject_id = CAST(:id AS uuid)"
    " ORDER BY id LIMIT 200"
)
_STAFF_HISTORY = text(
    "SELECT e.at, e.type, e.payload, s.full_name, h.full_name FROM event e"
    " LEFT JOIN staff s ON s.id = e.actor_id AND e.actor_kind = 'staff'"
    " LEFT JOIN staff h ON h.id = CAST(e.payload ->> 'holder_id' AS uuid)"
    " WHERE e.subject_id = CAST(:id AS uuid) ORDER BY e.id LIMIT 200"
)


def low_services() -> list[str]:
    """The services that need no more than the low level of assurance."""
    return [service.id for service in load_services().values() if service.assurance == "low"]


def _is_theirs(me: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Requests for oneself, for a dependant in force who is not 18 yet, or by the consent of the person: on the day of
    the request's unit."""
    today = today_at(Request.unit_id)
    of_dependant = exists().where(
        Dependant.holder_id == me,
        Dependant.person_id == Request.person_id,
        Person.id == Dependant.person_id,
        acts_for(Person.birth_on, today),
    )
    by_consent = exists().where(
        Mandate.grantor_id == Request.person_id,
        Mandate.delegate_id == me,
        Mandate.revoked_at.is_(None),
        Mandate.starts_on <= today,
        Mandate.ends_on >= today,
        Request.service == any_(Mandate.services),
    )
    return or_(Request.person_id == me, of_dependant, by_consent)


async def own_request(session: AsyncSession, actor: Actor, folio: str, *, lock: bool = False) -> Request:
    """The request of this folio, if the actor may see it. Staff see submitted requests at their units.

    Raises:
        NotFound: there is none, or it isn't theirs: the answer is the same.
        AssuranceRequired: it is their own, of a service that must be surer who they are.
    """
    try:
        canonical = ids.parse_folio(folio)
    except ValueError as error:
        raise NotFound from error
    statement = select(Request).where(Request.folio == canonical).execution_options(populate_existing=True)
    if isinstance(actor, Citizen):
        statement = statement.where(_seen_by(actor))
    if lock:
        statement = statement.with_for_update()
    found: Request | None = await session.scalar(statement)
    if found is None or not _may_see(actor, found):
        raise NotFound
    if isinstance(actor, Citizen) and found.service not in low_services():
        require_assurance(actor)
    return found


def _seen_by(actor: Citizen) -> ColumnElement[bool]:
    """At the low level of assurance, requests for oneself alone, since the account was opened: earlier ones were filed
    by a caller of higher assurance."""
    if actor.holder_id is not None:
        return _is_theirs(actor.person_id)
    opened_at = select(Account.created_at).where(Account.person_id == actor.person_id).scalar_subquery()
    return and_(Request.person_id == actor.person_id, Request.created_at >= opened_at)


def _may_see(actor: Actor, request: Request) -> bool:
    if isinstance(actor, Staff):
        return request.kind != "draft" and may(actor, Action.WORK_REQUESTS) and works_on(actor, request.unit_id)
    return isinstance(actor, Citizen | System)


def works_on(actor: Staff, unit_id: UUID | None) -> bool:
    """Whether a unit's work is the actor's; work of no unit is for who works at every one."""
    return actor.unit_ids is None if unit_id is None else actor.works_at(unit_id)


async def own_requests(
    session: AsyncSession, actor: Citizen, *, limit: int, after: UUID | None = None
) -> list[Request]:
    """The citizen's requests, their dependants' and those they act for, latest first. At the low level of assurance,
    their own of the services that need no more."""
    mine = (await _mine(session, actor)).limit(limit)
    if after is not None:
        mine = mine.where(Request.id < after)
    return list((await session.scalars(mine)).all())


async def open_requests(session: AsyncSession, actor: Citizen) -> list[Request]:
    """Of those, what was filed and hasn't ended."""
    mine = (await _mine(session, actor)).where(Request.kind.not_in(("draft", "final"))).limit(MAX_OPEN)
    return list((await session.scalars(mine)).all())


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
        Mandate.delegate_id == me, Mandate.revoked_at.is_(None), Mandate.starts_on <= last, Mandate.ends_on >= first
    )
    found = (await session.scalars(dependants.union(grantors))).all()
    return [me, *found]


async def consents_for(session: AsyncSession, delegate_id: UUID) -> list[Mandate]:
    """Return the consents by which this person may act for others today, by the clock of each grantor's unit."""
    today = today_at(Person.unit_id)
    held = (
        select(Mandate)
        .join(Person, Person.id == Mandate.grantor_id)
        .where(
            Mandate.delegate_id == delegate_id,
            Mandate.revoked_at.is_(None),
            Mandate.starts_on <= today,
            Mandate.ends_on >= today,
        )
        .order_by(Mandate.id)
        .limit(MAX_CONSENTS)
    )
    return list((await session.scalars(held)).all())


async def open_duplicate(session: AsyncSession, person_id: UUID, service: str, key: str) -> str | None:
    """The folio of the open request for the same thing."""
    statement = select(Request.folio).where(
        Request.person_id == person_id,
        Request.service == service,
        Request.duplicate_key == key,
        Request.kind.in_(("checking", "review", "waiting", "visit")),
    )
    found: str | None = await session.scalar(statement)
    return found


async def draft_of(session: AsyncSession, person_id: UUID, service: str, applicant_id: UUID) -> Request | None:
    """The draft this applicant has for that person and service, locked."""
    statement = select(Request).where(
        Request.person_id == person_id,
        Request.service == service,
        Request.applicant_id == applicant_id,
        Request.kind == "draft",
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
        .where(Request.folio == canonical, Person.birth_on == birth_on, Request.kind != "draft")
    )
    found: Request | None = await session.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def applicant_of(session: AsyncSession, person_id: UUID, request_id: UUID) -> UUID | None:
    """Who filed a request, while they may see it: a consent can be revoked, and who depends on whom changes."""
    statement = select(Request.applicant_id).where(
        Request.person_id == person_id,
        Request.id == request_id,
        _is_theirs(Request.applicant_id),
    )
    found: UUID | None = await session.scalar(statement)
    return found


async def request_of(session: AsyncSession, person_id: UUID, request_id: UUID) -> Request | None:
    """A request by its id; requests are partitioned by person."""
    return await session.scalar(select(Request).where(Request.person_id == person_id, Request.id == request_id))


async def has_registered_curp(session: AsyncSession, service: Service, request: Request) -> bool:
    """Whether an open request would assign a number to a declared CURP that the registry already has:
    an approval is refused, and they may have a number already. For staff; the citizen must not learn it."""
    if request.kind == "final" or "assign_nss" not in service.result.effects:
        return False
    person = await session.get_one(Person, request.person_id)
    return person.declared_at is not None and await person_by_curp(session, person.curp) is not None


async def appeal_of(session: AsyncSession, request: Request) -> Appeal | None:
    """The appeal of the decision in force, open or not."""
    return await session.get(Appeal, request.decision_id) if request.decision_id is not None else None


async def messages_of(session: AsyncSession, request: Request, *, for_staff: bool) -> list[RequestMessage]:
    """Return the messages, oldest first; notes are for staff."""
    message = select(RequestMessage).where(
        RequestMessage.person_id == request.person_id, RequestMessage.request_id == request.id
    )
    if not for_staff:
        message = message.where(RequestMessage.kind != "note")
    return list((await session.scalars(message.order_by(RequestMessage.id))).all())


async def open_question(session: AsyncSession, request: Request) -> RequestMessage | None:
    """Return the open question to the citizen, if there is one."""
    if request.kind != "waiting":
        return None
    asked = [message for message in await messages_of(session, request, for_staff=False) if message.kind == "ask"]
    return asked[-1] if asked else None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of the history."""

    at: datetime
    type: str
    actor_kind: str
    channel: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StaffEvent:
    """An entry of the history as staff read it: with the names of who did it and of who had or got the request."""

    at: datetime
    type: str
    payload: dict[str, Any]
    staff_name: str | None
    holder_name: str | None


async def staff_history(session: AsyncSession, request_id: UUID) -> list[StaffEvent]:
    """What happened to a request, oldest first, by whom of the staff."""
    return [StaffEvent(*row) for row in await session.execute(_STAFF_HISTORY, {"id": request_id})]


async def history_of(session: AsyncSession, request_id: UUID) -> list[TimelineEntry]:
    """What happened to a request, oldest first: the timeline a person reads."""
    return [TimelineEntry(*row) for row in await session.execute(_HISTORY, {"id": request_id})]


async def last_approved_on(session: AsyncSession, person_id: UUID, service: str, zone: str) -> date | None:
    """The day this service was last given to the person, by the clock of a zone."""
    latest = select(func.max(Request.decided_at)).where(
        and_(Request.person_id == person_id, Request.service == service, Request.outcome == "approved")
    )
    found: datetime | None = await session.scalar(latest)
    return clock.local_day(found, zone) if found else None
