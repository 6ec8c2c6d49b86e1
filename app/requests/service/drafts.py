"""Drafts: start, save page by page, attach documents, discard. A draft is resumed on any device."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import get_service
from app.catalog.queries import service_version
from app.documents import service as documents
from app.identity.permissions import require_assurance
from app.identity.rules import credible_seconds
from app.kernel import clock, ids
from app.kernel.actor import Actor, Assurance, Citizen
from app.kernel.db import savepoint
from app.kernel.db_errors import constraint_of
from app.kernel.etags import Versions
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import Conflict, FieldError, Invalid, NotFound
from app.places.queries import zone_of
from app.registry.models import Person
from app.registry.queries import family_of, today_of
from app.requests.events import RequestDiscarded, RequestSaved, RequestStarted
from app.requests.models import FOLIO_PREFIX, Request
from app.requests.problems import DelegationNotAllowed, WrongState
from app.requests.queries.facts import invalid_units, load_facts
from app.requests.queries.own import consents_for, draft_of
from app.requests.rules.checks import answer_errors, has_answer_checks, refused_before
from app.requests.rules.forms import ONE_OF_THESE, normalize, validation_errors
from app.requests.schemas import CheckOut
from app.requests.service.cases import Case, open_case, refuse_duplicate
from app.requests.wording import check_out


@dataclass(frozen=True, slots=True)
class Capacity:
    """The capacity in which a request is filed, and by which consent."""

    acting_as: str
    mandate_id: UUID | None = None


async def start(
    session: AsyncSession, actor: Citizen, service_id: str, person_id: UUID | None, answers: Mapping[str, Any]
) -> tuple[Request, bool]:
    """A draft for this person and service, and whether it is new: the one already there is resumed.

    Raises:
        NotFound: there is no such service, or the person isn't the actor's to act for.
        DelegationNotAllowed: the service can't be requested in that capacity.
        AlreadyOpen: there is an open request for the same thing (of a service that allows one).
        Invalid: an answer isn't right.
    """
    service = get_service(service_id)
    person, capacity = await capacity_of(session, actor, service, person_id or actor.person_id)
    existing_draft = await draft_of(session, person.id, service.id, actor.person_id)
    if existing_draft is not None:
        return await _resumed(session, existing_draft, person, capacity, answers), False
    if not service.duplicates_by:
        await refuse_duplicate(session, person.id, service.id, "")
    request = _new(actor, service, person, capacity)
    request.answers = normalize(service, await _known_right(session, service, person, actor) | dict(answers))
    await _require_right(session, service, request.answers)
    await _require_possible(session, service, person, request.answers, _given(answers))
    try:
        async with savepoint(session):
            session.add(request)
            await session.flush()
    except IntegrityError as error:
        if constraint_of(error) != "uq_request_draft":
            raise
        existing = await draft_of(session, person.id, service.id, actor.person_id)
        if existing is None:  # started and submitted meanwhile
            raise Conflict from error
        return await _resumed(session, existing, person, capacity, answers), False
    zone = await zone_of(session, request.unit_id)
    case = Case(request, service, person, clock.today(zone), frozenset(), zone)
    await record(session, actor, case.fact(RequestStarted, acting_as=capacity.acting_as))
    return request, True


async def _resumed(
    session: AsyncSession, draft: Request, person: Person, capacity: Capacity, answers: Mapping[str, Any]
) -> Request:
    """The draft with these answers besides, by the service as it was when it began."""
    draft.acting_as, draft.mandate_id = capacity.acting_as, capacity.mandate_id
    if answers:
        service = await service_version(session, draft.service, draft.service_version)
        await _put(session, draft, service, person, answers)
    return draft


def _new(actor: Citizen, service: Service, person: Person, capacity: Capacity) -> Request:
    now = clock.now()
    return Request(
        person_id=person.id,
        id=ids.new_id(),
        folio=ids.new_folio(FOLIO_PREFIX),
        service=service.id,
        service_version=service.version,
        status=service.workflow.initial,
        kind="draft",
        applicant_id=actor.person_id,
        acting_as=capacity.acting_as,
        mandate_id=capacity.mandate_id,
        channel=actor.channel.value,
        unit_id=person.unit_id,
        version=1,
        target_days=service.target.working_days,
        spent_days=0,
        priority_days=0,
        checks=[],
        reasons=[],
        refused_by=[],
        excluded_ids=[],
        result={},
        duplicate_key="",
        created_at=now,
        changed_at=now,
    )


async def capacity_of(
    session: AsyncSession, actor: Citizen, service: Service, person_id: UUID
) -> tuple[Person, Capacity]:
    """Return the person, and the capacity in which the actor files for them: family first, then by consent.

    Raises:
        NotFound: the person isn't the actor's to act for. DelegationNotAllowed: they are, but not for this service.
        AssuranceRequired: the service must be surer who the actor is.
    """
    require_assurance(actor, Assurance(service.assurance))
    family = {member.person.id: member.person for member in await family_of(session, actor)}
    if person_id in family:
        part = "self" if person_id == actor.person_id else "family"
        if part in service.on_behalf:
            return family[person_id], Capacity("self" if part == "self" else "holder")
    if actor.holder_id is None:
        raise NotFound
    held = await consents_for(session, actor.person_id)
    consent = next((one for one in held if one.grantor_id == person_id and service.id in one.services), None)
    person = await session.get(Person, person_id) if consent else None
    if person_id in family and consent is None:
        raise DelegationNotAllowed
    if consent is None or person is None:
        raise NotFound
    if "mandate" not in service.on_behalf:
        raise DelegationNotAllowed
    return person, Capacity("mandate", consent.id)


async def _known_right(session: AsyncSession, service: Service, person: Person, actor: Citizen) -> dict[str, Any]:
    """What the registry has, without what the form wouldn't take: prefilled values never block. It isn't shown at the
    low level of assurance."""
    if actor.assurance is not Assurance.FULL:
        return {}
    existing_draft = normalize(service, _prefilled(service, person))
    found = [
        *validation_errors(service, existing_draft, whole=False),
        *await invalid_units(session, service, existing_draft),
    ]
    wrong = {issue.field for issue in found}
    return {name: value for name, value in existing_draft.items() if name not in wrong}


def _prefilled(service: Service, person: Person) -> dict[str, Any]:
    """Answers the registry already has, and those that the form begins with (`default` in its schema)."""
    existing_draft = {
        "person.curp": person.curp,
        "person.nss": person.nss,
        "person.postal_code": person.postal_code,
        "person.email": person.email,
        "person.phone": person.phone,
        "person.shift": person.shift,
        "person.unit_id": str(person.unit_id) if person.unit_id else None,
    }
    properties, views = service.form.json_schema["properties"].items(), service.form.fields.items()
    begun = {name: schema["default"] for name, schema in properties if "default" in schema}
    return begun | {
        name: existing_draft[view.prefill] for name, view in views if view.prefill and existing_draft[view.prefill]
    }


async def _put(
    session: AsyncSession,
    request: Request,
    service: Service,
    person: Person,
    answers: Mapping[str, Any],
    asked: Collection[str] = (),
) -> None:
    """Add answers to a draft; nothing changes when one isn't right. `asked`: the fields of the page they are on."""
    merged = normalize(service, request.answers | dict(answers))
    await _require_right(session, service, merged)
    await _require_possible(session, service, person, merged, {*asked, *_given(answers)})
    request.answers = merged
    request.version += 1
    request.changed_at = clock.now()


async def _require_right(session: AsyncSession, service: Service, answers: Mapping[str, Any]) -> None:
    wrong = validation_errors(service, answers, whole=False) or await invalid_units(session, service, answers)
    if wrong:
        raise Invalid(fields=wrong)


def _given(answers: Mapping[str, Any]) -> set[str]:
    """The names of the answers that say something; what is missing isn't looked at until the request is submitted."""
    return {name for name, value in answers.items() if value not in (None, "")}


async def _require_possible(
    session: AsyncSession, service: Service, person: Person, answers: Mapping[str, Any], asked: Collection[str]
) -> None:
    """What the effect of an approval could never be made with is refused where it is typed: at the answers `asked` for.

    Raises:
        Invalid.
    """
    if not asked or not has_answer_checks(service):
        return
    today = clock.today(await zone_of(session, person.unit_id))
    facts = await load_facts(session, service, person, answers, today)
    wrong = [error for error in answer_errors(service, facts) if error.field in asked]
    if wrong:
        raise Invalid(fields=wrong)


async def save(
    session: AsyncSession,
    actor: Citizen,
    folio: str,
    answers: Mapping[str, Any],
    *,
    page: str | None = None,
    version: Versions = None,
    seconds: float | None = None,
) -> Request:
    """Save these answers of a draft; an empty one is removed. `seconds`: the active time the page took.

    Raises:
        NotFound, Stale, WrongState; Invalid: an answer isn't valid (nothing is stored).
    """
    case = await open_case(session, actor, folio, version=version)
    if case.request.kind != "draft":
        raise WrongState
    if page is not None and page not in (one.id for one in case.service.form.pages):
        raise Invalid(fields=[FieldError("page", N_("El trámite no tiene esa página."))])
    seconds = credible_seconds(seconds, case.request.changed_at, clock.now())
    asked = [name for one in case.service.form.pages if one.id == page for name in one.fields]
    await _put(session, case.request, case.service, case.person, answers, asked)
    await record(session, actor, case.fact(RequestSaved, page=page, seconds=seconds))
    return case.request


async def save_page(
    session: AsyncSession,
    actor: Citizen,
    folio: str,
    page: str,
    answers: Mapping[str, Any],
    *,
    version: Versions = None,
) -> list[FieldError]:
    """Save the answers of a page that are right; returns what is wrong or missing among them, which stays as it was.

    Raises:
        NotFound, Stale, WrongState.
    """
    case = await open_case(session, actor, folio, version=version)
    draft = case.request
    if draft.kind != "draft":
        raise WrongState
    found = await _wrong_on_page(session, case, answers)
    right, wrong = dict(answers), found
    while wrong:  # an answer may be wrong only beside another
        for error in wrong:
            del right[error.field]
        wrong = await _wrong_on_page(session, case, right)
    if found and normalize(case.service, draft.answers | right) == draft.answers:
        return found
    try:
        async with savepoint(session):
            await save(session, actor, folio, right, page=page)
    except Invalid:
        if not found:
            raise
    return found


async def _wrong_on_page(session: AsyncSession, case: Case, answers: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong or missing among these answers of a page, were they added to the draft."""
    whole = normalize(case.service, case.request.answers | dict(answers))
    found = [*validation_errors(case.service, whole, whole=True), *await invalid_units(session, case.service, whole)]
    wrong = [error for error in found if error.field in answers]
    if any(error.message != ONE_OF_THESE for error in wrong):
        return wrong
    if not has_answer_checks(case.service):
        return wrong
    facts = await load_facts(session, case.service, case.person, whole, case.today)
    own = [error for error in answer_errors(case.service, facts) if error.field in answers]
    return own or wrong  # what the effect says of an empty page is better than «one of these»


async def detach(session: AsyncSession, actor: Citizen, folio: str, document_id: UUID) -> str:
    """Take a document off a draft; returns the storage key to remove once committed.

    Raises:
        NotFound; WrongState: it was submitted already.
    """
    case = await open_case(session, actor, folio)
    if case.request.kind != "draft":
        raise WrongState
    found = await documents.document_of(session, case.request.person_id, case.request.id, document_id)
    return await documents.delete_document(session, found)


async def discard(session: AsyncSession, actor: Actor, folio: str) -> list[str]:
    """Discard a draft; returns the storage keys to remove once committed.

    Raises:
        NotFound; WrongState: it was submitted; withdraw it instead.
    """
    case = await open_case(session, actor, folio)
    if case.request.kind != "draft":
        raise WrongState
    keys = await documents.delete_documents(session, case.request.person_id, case.request.id)
    await session.delete(case.request)
    await session.flush()
    await record(session, actor, case.fact(RequestDiscarded))
    return keys


async def failed_before_start(session: AsyncSession, service: Service, person: Person) -> list[CheckOut]:
    """The checks by which the person's request would be refused today whatever they answer, as they may see them."""
    facts = await load_facts(session, service, person, {}, await today_of(session, person))
    return [check_out(service, check.as_stored(), for_staff=False) for check in refused_before(service, facts)]
