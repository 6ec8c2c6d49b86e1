"""A request as somebody sees it: pages and programs are made from the same view."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import DocumentAsked
from app.catalog.rules.eligibility import Facts
from app.catalog.shelf import wording_of
from app.documents.service import documents_of
from app.kernel.actor import Actor, Assurance, Citizen, Staff
from app.kernel.i18n import language
from app.registry.access_log import ViewContext, record_views
from app.registry.corrections import Correction
from app.requests.correction_words import changes_made, changes_out
from app.requests.models import Request
from app.requests.outcomes import check_out, reasons_out
from app.requests.queries.facts import load_facts
from app.requests.queries.own import appeal_of, history_of, messages_of
from app.requests.queries.people import work_of
from app.requests.rules import clock as legal
from app.requests.rules.checking import documents_asked, run_checks
from app.requests.rules.corrections import Change, changes
from app.requests.rules.effect_answers import approval_errors
from app.requests.rules.kinship import registration
from app.requests.schemas import (
    ClockOut,
    DocumentOut,
    HappeningOut,
    MessageOut,
    PaperOut,
    RequestDetailOut,
    RequestOut,
)
from app.requests.service.cases import Case, case_of, who_is
from app.requests.service.ending import last_day_to_appeal
from app.requests.service.undoing import certificate_from, may_undo_until, undoable


async def detail(session: AsyncSession, actor: Actor, request: Request) -> RequestDetailOut:
    """All the actor may see of a request, and what they can do with it now."""
    case = await case_of(session, request)
    is_staff = isinstance(actor, Staff)
    # What the registry gave is for who proved who they are.
    is_sure = not isinstance(actor, Citizen) or actor.assurance is Assurance.FULL
    facts = await load_facts(session, case.service, case.person, request.answers, case.today)
    # A draft shows what the checks say today, before anything is handed in; afterwards, what they said then.
    checks = [one.kept() for one in run_checks(case.service, facts)] if request.kind == "draft" else request.checks
    if is_staff and facts.relative_id is not None:  # named in what a registration would write
        record_views(actor, ViewContext.CASE, {facts.relative_id: request.unit_id})
    papers = documents_asked(case.service, facts)
    last = await last_day_to_appeal(session, case)
    appeal = await appeal_of(session, request)
    wording = wording_of(request.service, request.outcome)
    made = await undoable(session, case)
    undo_until = may_undo_until(case, actor, made)
    return RequestDetailOut(
        **RequestOut.model_validate(request).model_dump(),
        outcome_text=str(wording.state) if wording else None,
        answers=request.answers,
        clock=_clock(case),
        checks=[check_out(case.service, one, for_staff=is_staff) for one in checks],
        reasons=reasons_out(case.service, request, for_staff=is_staff),
        papers=[paper_out(paper) for paper in papers],
        documents=[
            DocumentOut.model_validate(one) for one in await documents_of(session, request.person_id, request.id)
        ],
        messages=[MessageOut.model_validate(one) for one in await messages_of(session, request, for_staff=is_staff)],
        history=[
            HappeningOut(at=one.at, type=one.type, actor_kind=one.actor_kind)
            for one in await history_of(session, request.id)
        ],
        actions=_actions(
            case, actor, can_appeal=last is not None and case.today <= last, can_undo=undo_until is not None
        ),
        appeal_until=last,
        appealed_at=appeal.created_at if appeal else None,
        reply_by=await _reply_by(session, request),
        certificate=is_sure
        and request.outcome == "approved"
        and case.service.result.certificate is not None
        and certificate_from(request) is None,
        rows=[_row(one) for one in (request.result.get("facts") or {}).get("rows", []) if is_sure],
        changes=changes_out(_changes(case, facts, made, for_staff=is_staff)) if is_sure else [],
        undo_until=undo_until,
    )


def _changes(case: Case, facts: Facts, made: Correction | None, *, for_staff: bool) -> Sequence[Change]:
    """What an approval would change today, and once it is approved what it changed; nothing of other ends. What a
    registration writes shows another person's name, so it is for staff."""
    if made is not None:
        return changes_made(made)
    if for_staff and case.request.kind != "final" and "add_dependant" in case.service.result.effects:
        return registration(facts)
    is_open = case.request.kind != "final" and "correct_person" in case.service.result.effects
    return changes(facts) if is_open and not approval_errors(case.service, facts) else ()


async def _reply_by(session: AsyncSession, request: Request) -> date | None:
    if request.kind not in ("waiting", "visit", "final"):
        return None
    work = await work_of(session, request)
    return work.due_on if work is not None and work.kind == "message" else None


def paper_out(paper: DocumentAsked) -> PaperOut:
    """A document asked for, in the current language."""
    return PaperOut(
        kind=paper.kind,
        name=str(paper.name),
        hint=str(paper.hint) if paper.hint else None,
        required=paper.required,
        formats=list(paper.formats),
        max_mb=paper.max_mb,
    )


def _clock(case: Case) -> ClockOut:
    """The clock today, or on the day the request ended: what was decided in time stays so."""
    row = case.request
    day = case.day_of(row.changed_at) if row.kind == "final" else case.today
    return ClockOut(
        target_days=row.target_days,
        spent_days=legal.stop(case.clock, day, case.rest).spent,
        runs=row.running_since is not None,
        is_breached=case.clock.is_breached(day),
    )


def _actions(case: Case, actor: Actor, *, can_appeal: bool, can_undo: bool) -> list[str]:
    ways = case.service.workflow.actions(case.request.status, who_is(actor))
    if isinstance(actor, Staff) and actor.staff_id in case.request.excluded_ids:
        ways = [way for way in ways if "hold" not in way.needs]
    names = list(dict.fromkeys(way.action for way in ways))
    if isinstance(actor, Citizen) and not can_appeal and "appeal" in names:
        names.remove("appeal")
    if not can_undo and "undo" in names:
        names.remove("undo")
    return [str(name) for name in names]


def _row(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: one[language()] if isinstance(one, dict) else one for name, one in kept.items() if name != "is_name"}
