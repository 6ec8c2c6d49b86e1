"""An officer's decision: approve, refuse, propose to refuse, confirm; one by one or many with a preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Reason, Service
from app.catalog.loader import load_services
from app.catalog.rules.workflow import Outcome, StateKind, Transition
from app.kernel import clock, ids
from app.kernel.actor import Actor, Staff, System
from app.kernel.db import savepoint
from app.kernel.etags import Versions
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.parsing import has_words
from app.kernel.problems import FieldError, Invalid, Problem
from app.registry.corrections import lock_person
from app.requests.events import RefusalProposed, RequestDecided, RequestReferred
from app.requests.models import Request
from app.requests.problems import ReasonUnknown, SecondReviewerRequired
from app.requests.queries.facts import other_named
from app.requests.rules.checks import refusing
from app.requests.rules.corrections import Change
from app.requests.rules.forms import MISSING
from app.requests.rules.kinds import MessageKind
from app.requests.service.cases import Case, apply_transition, case_of, open_case, party_of
from app.requests.service.claims import claim_one, require_hold, require_undecided
from app.requests.service.effects import apply_effects, changes_of, remedies
from app.requests.service.messages import add_message
from app.requests.service.people import lock_pair
from app.requests.service.resolutions import annul_refusal, confirm_refusal, snapshot, write_refusal
from app.requests.service.undo import undo_record

Verb = Literal["approve", "refuse", "confirm", "refer"]
VERBS: dict[str, Verb] = {"approve": "approve", "refuse": "refuse", "confirm": "confirm", "refer": "refer"}
NO_WORDS = N_("Escriba la respuesta con palabras: la persona la va a leer.")
OUTCOME = {"approve": Outcome.APPROVED, "refuse": Outcome.REFUSED, "confirm": Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision, its reasons (codes of the service), and the message to the citizen."""

    action: Verb
    reasons: Sequence[str]
    message: str = ""


async def decide(
    session: AsyncSession, actor: Staff, folio: str, verdict: Verdict, *, version: Versions = None
) -> Case:
    """Decide a request the actor has.

    Raises:
        NotFound, Stale; ClaimNotHeld; WrongState: it can't be decided so from where it is. ReasonUnknown; Invalid: no
        reason or no message. SecondReviewerRequired: a refusal is confirmed by another person. ReviewerExcluded: an
        appeal is decided by who had no part in the refusal. Conflict: what it gives can't be had.
    """
    case = await open_case(session, actor, folio, version=version)
    require_undecided(case.request, actor)
    transition = _transition_of(case, actor, verdict)
    await require_hold(session, actor, case)
    await _carry_out(session, actor, case, transition, verdict)
    return case


def exclude_from_appeal(row: Request, actor: Actor) -> None:
    """Note who proposed, confirmed or made a refusal: they have no part in its appeal."""
    if isinstance(actor, Staff) and actor.staff_id not in row.refused_by:
        row.refused_by = [*row.refused_by, actor.staff_id]


async def record_decision(
    session: AsyncSession, actor: Actor, case: Case, transition: Transition, reasons: list[str], *, words: str = ""
) -> None:
    """Write a decision that ends the request: by rules or by staff, with the `words` that they write to the person.
    A refusal becomes a document; the one that another decision replaces is annulled."""
    row = case.request
    row.reasons, row.decided_at, row.decided_by = reasons, clock.now(), actor.id
    is_upheld = case.upholds(transition)
    if is_upheld:
        await confirm_refusal(session, row.decision_id)
    else:
        await annul_refusal(session, row.decision_id)
        row.decision_id = ids.new_id()
    if case.service.workflow.states[transition.target].outcome is Outcome.REFUSED:
        exclude_from_appeal(row, actor)
    await apply_transition(session, case, transition)
    if row.outcome == Outcome.REFUSED and not is_upheld:
        await write_refusal(session, case, words)
    decided = case.fact(
        RequestDecided,
        outcome=row.outcome,
        reasons=reasons or ([one["rule"] for one in refusing(row.checks)] if row.outcome == Outcome.REFUSED else []),
        straight_through=isinstance(actor, System),
    )
    await record(session, actor, decided)


def _transition_of(case: Case, actor: Staff, verdict: Verdict) -> Transition:
    """The way the decision goes, when everything it needs is there."""
    transition = case.transition(verdict.action, party_of(actor))
    if "reason" in transition.needs:
        _require_reasons(case, verdict)
    if ("message" in transition.needs or requires_message(case.service, transition.action)) and not has_words(
        verdict.message
    ):
        raise Invalid(fields=[FieldError("message", NO_WORDS, "no_words")])
    if "second-person" in transition.needs and case.request.proposed_by == actor.staff_id:
        raise SecondReviewerRequired
    return transition


def _require_reasons(case: Case, verdict: Verdict) -> None:
    if not verdict.reasons:
        raise Invalid(fields=[FieldError("reasons", MISSING, "missing")])
    known = {reason.code for reason in reasons_for(case, verdict.action)}
    if set(verdict.reasons) - known:
        raise ReasonUnknown(fields=[FieldError("reasons", ReasonUnknown.title, "reason_unknown")])


def requires_message(service: Service, action: str) -> bool:
    """Whether this decision of a service can't be made without words for who reads it: by the version that the request
    began with, or by today's, since no complaint is closed in silence however old it is."""
    versions = [service, load_services().get(service.id, service)]
    ways = [transition for one in versions for transition in one.workflow.transitions]
    return any(transition.action == action and "message" in transition.needs for transition in ways)


def reasons_for(case: Case, action: str) -> list[Reason]:
    """The reasons a service has for this decision of a request."""
    reasons = case.service.decision.reasons_for(case.request.answers)
    return [reason for reason in reasons if reason.outcome == OUTCOME.get(action)]


async def _carry_out(session: AsyncSession, actor: Staff, case: Case, transition: Transition, verdict: Verdict) -> None:
    target = case.service.workflow.states[transition.target]
    if verdict.message.strip():
        # Until it is decided, what one member of staff writes to the next isn't the agency's word to the citizen.
        add_message(
            session,
            actor,
            case.request,
            MessageKind.DECISION if target.kind is StateKind.FINAL else MessageKind.NOTE,
            verdict.message.strip(),
        )
    case.request.reasons = [] if transition.action == "refer" else list(verdict.reasons)
    if target.outcome is Outcome.APPROVED:
        rows = await apply_effects(session, actor, case)
        case.request.result = await snapshot(session, case, rows) | await undo_record(session, case)
    if target.kind is StateKind.FINAL:
        await record_decision(session, actor, case, transition, list(verdict.reasons), words=verdict.message.strip())
        return
    if transition.action == "refuse":
        case.request.proposed_by = actor.staff_id
        exclude_from_appeal(case.request, actor)
        await apply_transition(session, case, transition)
        await record(session, actor, case.fact(RefusalProposed, reasons=list(verdict.reasons)))
        return
    await apply_transition(session, case, transition)
    await record(session, actor, case.fact(RequestReferred, role=target.role))


async def changes_if_approved(session: AsyncSession, request: Request) -> tuple[Change, ...]:
    """What an approval of this locked request would change, with its person locked as well."""
    case = await case_of(session, request)
    if not case.service.result.effects:
        return ()
    await _lock(session, case)
    return await changes_of(session, case)


async def _lock(session: AsyncSession, case: Case) -> None:
    """Lock whom an approval changes, and read the person as they are now."""
    if "add_dependant" in case.service.result.effects:
        await lock_pair(session, case)
    case.person = await lock_person(session, case.person.id)


@dataclass(frozen=True, slots=True)
class BulkResult:
    """One request of many: what would happen, or why it can't."""

    folio: str
    problem: Problem | None = None
    outcome: str | None = None
    service: str = ""
    changes: tuple[Change, ...] = ()
    named: Mapping[UUID, UUID | None] = field(default_factory=dict)
    """Whom the changes name beside the applicant, each with the unit of the request: who shows them records it."""


class _Undo(Exception):  # noqa: N818 # not an error: a preview leaves nothing behind
    """Ends a preview's savepoint."""


@dataclass(frozen=True, slots=True)
class ApprovalPreview:
    """What an approval would do now: the values that it changes, or what stands in its way and what to do then."""

    changes: tuple[Change, ...] = ()
    problem: Problem | None = None
    ask: tuple[str, ...] = ()
    """Answers that the citizen can be asked for."""
    refuse: tuple[Reason, ...] = ()
    """Reasons that fit what stands in the way."""

    @property
    def facts(self) -> list[object]:
        """What a page shows of it, to be compared before the decision is carried out."""
        fields = [[error.field, error.message] for error in self.problem.fields] if self.problem else []
        return [[[one.field, one.before, one.after] for one in self.changes], getattr(self.problem, "slug", ""), fields]


async def preview_approval(session: AsyncSession, actor: Staff, case: Case, reasons: Sequence[str]) -> ApprovalPreview:
    """Make the effects of an approval and undo them, with the person locked as the approval would find them."""
    if not case.service.result.effects:
        return ApprovalPreview()
    await _lock(session, case)
    found = await changes_of(session, case)
    problem: Problem | None = None
    try:
        async with savepoint(session):
            case.request.reasons = list(reasons)
            await apply_effects(session, actor, case)
            raise _Undo
    except _Undo:
        pass
    except Problem as obstacle:
        problem = obstacle
    for row in (case.request, case.person):  # what the savepoint took back is read again
        await session.refresh(row)
    if problem is None:
        return ApprovalPreview(found)
    ask, codes = remedies(case.service, problem)
    refuse = [reason for reason in reasons_for(case, "refuse") if reason.code in codes]
    return ApprovalPreview(found, problem, ask, tuple(refuse))


async def _others_named(session: AsyncSession, case: Case) -> dict[UUID, UUID | None]:
    """The other person of a registration, with the unit of the request."""
    if "add_dependant" not in case.service.result.effects:
        return {}
    other = await other_named(session, case.request.answers)
    return {other.id: case.request.unit_id} if other is not None else {}


async def bulk_decide(
    session: AsyncSession, actor: Staff, folios: Sequence[str], verdict: Verdict, *, preview: bool
) -> list[BulkResult]:
    """Decide many requests alike, each by itself. A preview does everything and rolls it back."""
    lines: list[BulkResult] = []
    for folio in dict.fromkeys(folios):
        try:
            async with savepoint(session):
                case = await claim_one(session, actor, folio)
                changes = await changes_of(session, case) if verdict.action == "approve" else ()
                named = await _others_named(session, case) if changes else {}
                decided = (await decide(session, actor, case.request.folio, verdict)).request
                line = BulkResult(
                    decided.folio,
                    outcome=decided.outcome or decided.status,
                    service=decided.service,
                    changes=changes,
                    named=named,
                )
                if preview:
                    raise _Undo
        except _Undo:
            pass
        except Problem as problem:
            line = BulkResult(folio, problem)
        lines.append(line)
    return lines
