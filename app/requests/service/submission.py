"""Submit a draft: form and documents are complete, the checks run, and rules decide what they can."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.workflow import Transition
from app.kernel import clock, ids
from app.kernel.actor import Actor, Citizen, Staff, System
from app.kernel.etags import Versions
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import Conflict, FieldError, Invalid
from app.registry.rules import age_on
from app.requests.events import RequestDecided, RequestReferred, RequestSubmitted
from app.requests.models import Request
from app.requests.problems import DocumentsMissing
from app.requests.queries.facts import invalid_units, load_facts
from app.requests.rules import clock as legal
from app.requests.rules.checks import Conclusion, conclude, documents_missing, duplicate_key, refusing, run_checks
from app.requests.rules.effect_answers import answer_errors
from app.requests.rules.forms import applicable, validation_errors
from app.requests.rules.priority import priority_days
from app.requests.service.attachments import require_verified
from app.requests.service.cases import Case, apply_transition, case_of, open_case
from app.requests.service.drafts import capacity_of, start
from app.requests.service.duplicates import only_one
from app.requests.service.effects import apply_effects
from app.requests.service.refusals import annul_refusal, confirm_refusal, write_refusal
from app.requests.service.results import snapshot
from app.requests.service.search_index import index_request

RULES = System("rules")
MISSING_DOCUMENT = N_("Falta este documento.")


async def submit(
    session: AsyncSession,
    actor: Citizen,
    folio: str,
    *,
    version: Versions = None,
    verified: Collection[UUID] = frozenset(),
) -> Request:
    """Submit a finished draft; its legal clock starts. `verified` are the documents whose bytes were
    just found in the store (`verify_documents`), which takes too long to do under the request's lock.

    Raises:
        NotFound, Stale; WrongState: it was submitted before. DelegationNotAllowed: visible to the actor, but not theirs
        to submit. Invalid: answers are missing or wrong. DocumentsMissing: which, in `fields`. AlreadyOpen: with the
        folio of the open one. Conflict: a document was attached since they were verified.
    """
    case = await open_case(session, actor, folio, version=version)
    transition = case.transition("submit", "citizen")
    _person, capacity = await capacity_of(session, actor, case.service, case.request.person_id)
    if case.request.unit_id != case.person.unit_id:  # another attends them since the draft was begun
        case.request.unit_id = case.person.unit_id
        case = await case_of(session, case.request)
    case.request.answers = applicable(case.service, case.request.answers)
    facts = await load_facts(session, case.service, case.person, case.request.answers, case.today)
    await _require_whole(session, case, facts, verified)
    row = case.request
    key = duplicate_key(case.service, row.answers)
    async with only_one(session, row.person_id, row.service, key):
        row.duplicate_key = key
        row.applicant_id, row.acting_as, row.mandate_id = actor.person_id, capacity.acting_as, capacity.mandate_id
        _stamp(case)
        await apply_transition(session, case, transition)
        await index_request(session, case)
    await record(session, actor, case.fact(RequestSubmitted, acting_as=row.acting_as, due_on=row.due_on))
    await check_and_conclude(session, case, facts)
    return row


async def submit_instant(
    session: AsyncSession, actor: Citizen, service_id: str, person_id: UUID | None, answers: Mapping[str, Any]
) -> Request:
    """Start, submit and answer an instant service in one step.

    Raises:
        What `start` and `submit` raise.
    """
    draft, _is_new = await start(session, actor, service_id, person_id, answers)
    return await submit(session, actor, draft.folio)


async def _require_whole(session: AsyncSession, case: Case, facts: Facts, verified: Collection[UUID]) -> None:
    answers = case.request.answers
    wrong = validation_errors(case.service, answers, whole=True) or await invalid_units(session, case.service, answers)
    wrong = wrong or answer_errors(case.service, facts)
    if wrong:
        raise Invalid(fields=wrong)
    verified_documents = await require_verified(session, case.request, verified)
    there = {document.kind for document in verified_documents if document.state != "rejected"}
    missing = documents_missing(case.service, facts, there)
    if missing:
        raise DocumentsMissing(fields=[FieldError(needed.kind, MISSING_DOCUMENT) for needed in missing])


def _stamp(case: Case) -> None:
    """Fix what is determined at submission."""
    row = case.request
    row.submitted_at = clock.now()
    row.target_days = case.service.target.days_for(row.answers)
    row.priority_days = priority_days(age_on(case.person.birth_on, case.today), row.answers)
    case.set_clock(legal.start(row.target_days, case.today, case.days_off))


async def check_and_conclude(session: AsyncSession, case: Case, facts: Facts) -> None:
    """Run the checks, store their reasons, and apply what they decide."""
    checks = run_checks(case.service, facts)
    case.request.checks = [check.as_stored() for check in checks]
    conclusion: Conclusion = conclude(case.service, checks)
    if conclusion == "approve":
        conclusion = await _approve(session, case)
    if conclusion == "refuse":
        await record_decision(session, RULES, case, case.transition("refuse", "system"), [])
    if conclusion == "refer":
        await refer(session, case)


async def _approve(session: AsyncSession, case: Case) -> Conclusion:
    """Approve by rules; when what it grants is unavailable (the last place was taken), refer it to an officer."""
    try:
        rows = await apply_effects(session, RULES, case)
    except Conflict:
        can_refer = case.service.workflow.allowed_transition(case.request.status, "refer", "system")
        if can_refer is None:
            raise
        return "refer"
    case.request.result = await snapshot(session, case, rows)
    await record_decision(session, RULES, case, case.transition("approve", "system"), [])
    return "approve"


async def refer(session: AsyncSession, case: Case) -> None:
    """Refer it to the staff's queue."""
    await apply_transition(session, case, case.transition("refer", "system"))
    role = case.service.workflow.states[case.request.status].role
    await record(session, RULES, case.fact(RequestReferred, role=role))


def exclude_from_appeal(row: Request, actor: Actor) -> None:
    """Note who proposed, confirmed or made a refusal: they have no part in its appeal."""
    if isinstance(actor, Staff) and actor.staff_id not in row.refused_by:
        row.refused_by = [*row.refused_by, actor.staff_id]


async def record_decision(
    session: AsyncSession, actor: Actor, case: Case, transition: Transition, reasons: list[str], *, words: str = ""
) -> None:
    """Write a decision that ends the request: by rules here, by staff in `decisions`, with the `words` that they write
    to the person. A refusal becomes a document; the one that another decision replaces is annulled."""
    row = case.request
    row.reasons, row.decided_at, row.decided_by = reasons, clock.now(), actor.id
    is_upheld = case.upholds(transition)
    if is_upheld:
        await confirm_refusal(session, row.decision_id)
    else:
        await annul_refusal(session, row.decision_id)
        row.decision_id = ids.new_id()
    if case.service.workflow.states[transition.target].outcome == "refused":
        exclude_from_appeal(row, actor)
    await apply_transition(session, case, transition)
    if row.outcome == "refused" and not is_upheld:
        await write_refusal(session, case, words)
    decided = case.fact(
        RequestDecided,
        outcome=row.outcome,
        reasons=reasons or ([one["rule"] for one in refusing(row.checks)] if row.outcome == "refused" else []),
        straight_through=isinstance(actor, System),
    )
    await record(session, actor, decided)
