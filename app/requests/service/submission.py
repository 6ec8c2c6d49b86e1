"""Submit a draft: form and documents are complete, the checks run, and rules decide what they can."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.rules.eligibility.facts import Facts
from app.kernel import clock
from app.kernel.actor import Citizen, System
from app.kernel.etags import Versions
from app.kernel.events import record, record_all
from app.kernel.problems import Conflict, FieldError, Invalid
from app.registry.rules import age_on
from app.requests.events import RequestReferred, RequestSubmitted
from app.requests.problems import AlreadyOpen, DocumentsMissing
from app.requests.queries.case_file import BeforeSubmission, before_submission
from app.requests.queries.facts import invalid_units
from app.requests.queries.search import folded
from app.requests.rules import clock as legal
from app.requests.rules.checks import (
    MISSING_DOCUMENT,
    Conclusion,
    answer_errors,
    conclude,
    documents_missing,
    duplicate_key,
    run_checks,
)
from app.requests.rules.clock import priority_days
from app.requests.rules.forms import validation_errors
from app.requests.service.cases import (
    Case,
    apply_transition,
    case_of,
    facts_of,
    guard_duplicate,
    move,
    open_case,
    write_state,
)
from app.requests.service.decisions import record_decision
from app.requests.service.drafts import capacity_of, start
from app.requests.service.effects import apply_effects
from app.requests.service.people import index_request
from app.requests.service.resolutions import snapshot

RULES = System("rules")


async def submit(
    session: AsyncSession,
    actor: Citizen,
    folio: str,
    *,
    version: Versions = None,
    verified: Collection[UUID] = frozenset(),
) -> Case:
    """Submit a finished draft; its legal clock starts. `verified` are the documents whose bytes were
    just found in the store (`verify_documents`), which takes too long to do under the request's lock.

    Raises:
        NotFound, Stale; WrongState: it was submitted before. DelegationNotAllowed: visible to the actor, but not theirs
        to submit. Invalid: answers are missing or wrong. DocumentsMissing: which, in `fields`. AlreadyOpen: with the
        folio of the open one. Conflict: a document was attached since they were verified.
    """
    return await _submit(session, actor, await open_case(session, actor, folio, version=version), verified)


async def submit_instant(
    session: AsyncSession, actor: Citizen, service_id: str, person_id: UUID | None, answers: Mapping[str, Any]
) -> Case:
    """Start, submit and answer an instant service in one step.

    Raises:
        What `start` and `submit` raise.
    """
    case, _is_new = await start(session, actor, service_id, person_id, answers)
    return await _submit(session, actor, case, frozenset())


async def _submit(session: AsyncSession, actor: Citizen, case: Case, verified: Collection[UUID]) -> Case:
    # Load.
    transition = case.transition("submit", "citizen")
    capacity = await capacity_of(session, actor, case.service, case.request.person_id)
    if case.request.unit_id != case.person.unit_id:  # another attends them since the draft was begun
        case.request.unit_id = case.person.unit_id
        case = await case_of(session, case.request)
    facts = await facts_of(session, case)
    answers = dict(facts.answers)
    key = duplicate_key(case.service, answers)
    before = await before_submission(session, case.request, key, folded(case.person.full_name))
    wrong = validation_errors(case.service, answers, whole=True) or await invalid_units(session, case.service, answers)
    # Decide.
    _require_whole(case.service, facts, before, wrong, verified)
    checks = run_checks(case.service, facts)
    conclusion = conclude(case.service, checks)
    # Write.
    row = case.request
    async with guard_duplicate(session, row.person_id, row.service, key):
        row.answers, row.duplicate_key = answers, key
        row.applicant_id, row.acting_as, row.mandate_id = actor.person_id, capacity.acting_as, capacity.mandate_id
        row.checks = [check.as_stored() for check in checks]
        _start_clock(case)
        move(case, transition)
        if conclusion == "refer":
            move(case, case.transition("refer", "system"))
        await index_request(session, case, before.new_words)
        await write_state(session, case)
    # Record.
    submitted = case.fact(RequestSubmitted, acting_as=row.acting_as, due_on=row.due_on)
    if conclusion == "refer":
        await record_all(session, (actor, submitted), (RULES, _referred(case)))
    else:
        await record(session, actor, submitted)
        await _conclude(session, case, conclusion)
    return case


def _require_whole(
    service: Service, facts: Facts, before: BeforeSubmission, wrong: list[FieldError], verified: Collection[UUID]
) -> None:
    """Refuse what isn't complete, and what is open already.

    Raises:
        Invalid, DocumentsMissing, AlreadyOpen; Conflict: a document was attached since they were verified.
    """
    wrong = wrong or answer_errors(service, facts)
    if wrong:
        raise Invalid(fields=wrong)
    if not {document_id for document_id, _kind, _state in before.documents} <= set(verified):
        raise Conflict
    missing = documents_missing(service, facts, {kind for _id, kind, state in before.documents if state != "rejected"})
    if missing:
        raise DocumentsMissing(
            fields=[FieldError(needed.kind, MISSING_DOCUMENT, "missing_document") for needed in missing]
        )
    if before.open_folio is not None:
        raise AlreadyOpen(extra={"folio": before.open_folio})


def _start_clock(case: Case) -> None:
    """Fix what is determined at submission."""
    row = case.request
    row.submitted_at = clock.now()
    row.target_days = case.service.target.days_for(row.answers)
    row.priority_days = priority_days(age_on(case.person.birth_on, case.today), row.answers)
    case.set_clock(legal.start(row.target_days, case.today, case.days_off))
    case.show_due_date()


async def _conclude(session: AsyncSession, case: Case, conclusion: Conclusion) -> None:
    """Approve or refuse, as the rules decide; an officer gets what can't be approved by rules after all."""
    if conclusion == "refuse":
        await record_decision(session, RULES, case, case.transition("refuse", "system"), [])
    elif not await _approve(session, case):
        await apply_transition(session, case, case.transition("refer", "system"))
        await record(session, RULES, _referred(case))


def _referred(case: Case) -> RequestReferred:
    referred: RequestReferred = case.fact(RequestReferred, role=case.service.workflow.states[case.request.status].role)
    return referred


async def _approve(session: AsyncSession, case: Case) -> bool:
    """Approve by rules; whether that could be done: what it grants may be unavailable (the last place was taken), and
    then an officer looks at it."""
    try:
        rows = await apply_effects(session, RULES, case)
    except Conflict:
        if case.service.workflow.allowed_transition(case.request.status, "refer", "system") is None:
            raise
        return False
    case.request.result = await snapshot(session, case, rows)
    await record_decision(session, RULES, case, case.transition("approve", "system"), [])
    return True
