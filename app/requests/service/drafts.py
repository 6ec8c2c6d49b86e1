"""Drafts: start, save page by page, attach documents, discard. A draft is resumed on any device."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import get_service
from app.catalog.rules.workflow import StateKind
from app.documents import service as documents
from app.identity.permissions import require_assurance
from app.identity.rules import credible_seconds
from app.kernel import clock, ids
from app.kernel.actor import Actor, Assurance, Citizen
from app.kernel.db import savepoint
from app.kernel.etags import Versions
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import Conflict, FieldError, Invalid, NotFound
from app.registry.models import Person
from app.registry.queries import family_of, today_of
from app.requests.events import RequestDiscarded, RequestSaved, RequestStarted
from app.requests.models import DRAFT, FOLIO_PREFIX, Request
from app.requests.problems import AlreadyOpen, DelegationNotAllowed, WrongState
from app.requests.queries.facts import invalid_units, load_facts, not_units, units_named
from app.requests.queries.own import Filing, consents_for, draft_of, filing_for
from app.requests.rules.checks import answer_errors, has_answer_checks, refused_before
from app.requests.rules.forms import ONE_OF_THESE, normalize, validation_errors
from app.requests.schemas import CheckOut
from app.requests.service.cases import Case, case_of, exclude_helper, open_case
from app.requests.wording import check_out

_INSERT_DRAFT = (
    insert(Request)
    .on_conflict_do_nothing(index_elements=["person_id", "service", "applicant_id"], index_where=text(DRAFT))
    .returning(Request)
)
"""Nothing when the applicant has begun one meanwhile."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The capacity in which a request is filed, and by which consent."""

    acting_as: str
    mandate_id: UUID | None = None


async def start(
    session: AsyncSession, actor: Citizen, service_id: str, person_id: UUID | None, answers: Mapping[str, Any]
) -> tuple[Case, bool]:
    """A draft for this person and service, and whether it is new: the one already there is resumed.

    Raises:
        NotFound: there is no such service, or the person isn't the actor's to act for.
        DelegationNotAllowed: the service can't be requested in that capacity.
        AlreadyOpen: there is an open request for the same thing (of a service that allows one).
        Invalid: an answer isn't right.
    """
    service, person_id = get_service(service_id), person_id or actor.person_id
    filing = await filing_for(session, person_id, service.id, actor.person_id)
    capacity = await capacity_of(session, actor, service, person_id)
    if filing is None:
        raise NotFound
    if filing.has_draft:
        resumed = await _resumed(session, actor, service, person_id, capacity, answers)
        if resumed is not None:
            return resumed, False
    if filing.open_folio is not None and not service.duplicates_by:
        raise AlreadyOpen(extra={"folio": filing.open_folio})
    case = _new_case(actor, service, filing, capacity)
    await _fill_in(session, case, actor, answers)
    request = (await session.scalars(_INSERT_DRAFT, _columns(case.request))).one_or_none()
    if request is None:
        resumed = await _resumed(session, actor, service, person_id, capacity, answers)
        if resumed is None:  # started and submitted meanwhile
            raise Conflict
        return resumed, False
    case.request = request
    await record(session, actor, case.fact(RequestStarted, acting_as=capacity.acting_as))
    return case, True


async def _resumed(
    session: AsyncSession,
    actor: Citizen,
    service: Service,
    person_id: UUID,
    capacity: Capacity,
    answers: Mapping[str, Any],
) -> Case | None:
    """The applicant's draft with these answers besides, by the service as it was when it began; None without one."""
    draft = await draft_of(session, person_id, service.id, actor.person_id)
    if draft is None:
        return None
    await exclude_helper(session, actor, draft)
    draft.acting_as, draft.mandate_id = capacity.acting_as, capacity.mandate_id
    case = await case_of(session, draft)
    if answers:
        await _put(session, case, answers)
    return case


def _new_case(actor: Citizen, service: Service, filing: Filing, capacity: Capacity) -> Case:
    now, person = clock.now(), filing.around.person
    request = Request(
        person_id=person.id,
        id=ids.new_id(),
        folio=ids.new_folio(FOLIO_PREFIX),
        service=service.id,
        service_version=service.version,
        status=service.workflow.initial,
        kind=StateKind.DRAFT,
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
        excluded_ids=[actor.helper.staff.staff_id] if actor.helper is not None else [],
        result={},
        duplicate_key="",
        created_at=now,
        changed_at=now,
    )
    return Case.of(request, service, filing.around)


def _columns(request: Request) -> dict[str, Any]:
    """What of a new row isn't left to the database."""
    return {name: value for name, value in vars(request).items() if not name.startswith("_")}


async def capacity_of(session: AsyncSession, actor: Citizen, service: Service, person_id: UUID) -> Capacity:
    """Return the capacity in which the actor files for a person: family first, then by consent.

    Raises:
        NotFound: the person isn't the actor's to act for. DelegationNotAllowed: they are, but not for this service.
        AssuranceRequired: the service must be surer who the actor is.
    """
    require_assurance(actor, Assurance(service.assurance))
    is_self = person_id == actor.person_id
    if is_self and "self" in service.on_behalf:
        return Capacity("self")
    is_family = is_self or any(member.person.id == person_id for member in await family_of(session, actor))
    if is_family and not is_self and "family" in service.on_behalf:
        return Capacity("holder")
    if actor.holder_id is None:
        raise NotFound
    held = await consents_for(session, actor.person_id)
    consent = next((one for one in held if one.grantor_id == person_id and service.id in one.services), None)
    if is_family and consent is None:
        raise DelegationNotAllowed
    if consent is None:
        raise NotFound
    if "mandate" not in service.on_behalf:
        raise DelegationNotAllowed
    return Capacity("mandate", consent.id)


async def _fill_in(session: AsyncSession, case: Case, actor: Citizen, answers: Mapping[str, Any]) -> None:
    """Give a new draft these answers, and beside them what the registry has: prefilled values never block, so what the
    form wouldn't take is left out. They aren't shown at the low level of assurance.

    Raises:
        Invalid: an answer isn't right.
    """
    service = case.service
    known = normalize(service, _prefilled(service, case.person)) if actor.assurance is Assurance.FULL else {}
    units = await units_named(session, service, known, normalize(service, answers))
    found = [*validation_errors(service, known, whole=False), *not_units(service, known, units)] if known else []
    wrong = {issue.field for issue in found}
    right = {name: value for name, value in known.items() if name not in wrong}
    case.request.answers = normalize(service, right | dict(answers))
    _require_right(service, case.request.answers, units)
    await _require_possible(session, case, case.request.answers, _given(answers))


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


async def _put(session: AsyncSession, case: Case, answers: Mapping[str, Any], asked: Collection[str] = ()) -> None:
    """Add answers to a draft; nothing changes when one isn't right. `asked`: the fields of the page they are on."""
    request, service = case.request, case.service
    merged = normalize(service, request.answers | dict(answers))
    _require_right(service, merged, await units_named(session, service, merged))
    await _require_possible(session, case, merged, {*asked, *_given(answers)})
    request.answers = merged
    request.version += 1
    request.changed_at = clock.now()


def _require_right(service: Service, answers: Mapping[str, Any], units: Mapping[UUID, bool]) -> None:
    wrong = validation_errors(service, answers, whole=False) or not_units(service, answers, units)
    if wrong:
        raise Invalid(fields=wrong)


def _given(answers: Mapping[str, Any]) -> set[str]:
    """The names of the answers that say something; what is missing isn't looked at until the request is submitted."""
    return {name for name, value in answers.items() if value not in (None, "")}


async def _require_possible(
    session: AsyncSession, case: Case, answers: Mapping[str, Any], asked: Collection[str]
) -> None:
    """What the effect of an approval could never be made with is refused where it is typed: at the answers `asked` for.

    Raises:
        Invalid.
    """
    case.facts = None  # of answers that change now
    if not asked or not has_answer_checks(case.service):
        return
    facts = await load_facts(session, case.service, case.person, answers, case.today)
    wrong = [error for error in answer_errors(case.service, facts) if error.field in asked]
    if wrong:
        raise Invalid(fields=wrong)
    case.facts = facts


async def save(
    session: AsyncSession,
    actor: Citizen,
    folio: str,
    answers: Mapping[str, Any] | None,
    *,
    page: str | None = None,
    version: Versions = None,
    seconds: float | None = None,
) -> Case:
    """Save these answers of a draft; an empty one is removed, and all without any. `seconds`: the active time the page
    took.

    Raises:
        NotFound, Stale, WrongState; Invalid: an answer isn't valid (nothing is stored).
    """
    case = await open_case(session, actor, folio, version=version)
    if case.request.kind != StateKind.DRAFT:
        raise WrongState
    if page is not None and page not in (one.id for one in case.service.form.pages):
        raise Invalid(fields=[FieldError("page", N_("El trámite no tiene esa página."), "unknown_page")])
    if answers is None:
        answers = dict.fromkeys(case.request.answers)
    seconds = credible_seconds(seconds, case.request.changed_at, clock.now())
    asked = [name for one in case.service.form.pages if one.id == page for name in one.fields]
    await _put(session, case, answers, asked)
    await record(session, actor, case.fact(RequestSaved, page=page, seconds=seconds))
    return case


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
    if draft.kind != StateKind.DRAFT:
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
    if case.request.kind != StateKind.DRAFT:
        raise WrongState
    found = await documents.document_of(session, case.request.person_id, case.request.id, document_id)
    return await documents.delete_document(session, found)


async def discard(session: AsyncSession, actor: Actor, folio: str) -> list[str]:
    """Discard a draft; returns the storage keys to remove once committed.

    Raises:
        NotFound; WrongState: it was submitted; withdraw it instead.
    """
    case = await open_case(session, actor, folio)
    if case.request.kind != StateKind.DRAFT:
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
