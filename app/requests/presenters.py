"""Presenters: a request as an actor may see it, for pages and the API alike."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.challenges import challenges
from app.catalog.definition import DocumentAsked
from app.catalog.loader import wording_of
from app.catalog.rules.eligibility.facts import Facts
from app.catalog.rules.workflow import Outcome, StateKind
from app.catalog.schemas import media_types_of
from app.kernel.actor import Actor, Assurance, Citizen, Staff
from app.kernel.i18n import N_, gettext, language
from app.registry.access_log import ViewContext, record_views
from app.registry.corrections import Correction
from app.requests.labels import DECISIONS, action_text
from app.requests.models import Refusal, Request
from app.requests.queries.case_file import case_file, challengeable, refusal_in_force
from app.requests.queries.own import has_registered_curp
from app.requests.rules import clock as legal
from app.requests.rules.checks import REASONS, approval_errors, documents_asked, run_checks
from app.requests.rules.clock import Term, asked_late
from app.requests.rules.corrections import Change, changes
from app.requests.rules.kinds import MessageKind
from app.requests.rules.kinship import registration
from app.requests.schemas import (
    CheckOut,
    ClockOut,
    DecisionOptionOut,
    MessageOut,
    RefusalChallengeOut,
    RefusalOut,
    RequestDetailOut,
    RequestDocumentOut,
    RequestOut,
    RequiredDocumentOut,
    TextOut,
    TimelineEntryOut,
)
from app.requests.service.cases import Case, case_of, facts_of, party_of
from app.requests.service.closing import last_day_to_appeal
from app.requests.service.decisions import reasons_for, requires_message
from app.requests.service.resolutions import notify_refusal
from app.requests.service.undo import Undoable, certificate_from, undo_deadline, undoable
from app.requests.wording import (
    NO_NUMBER,
    changes_made,
    changes_out,
    check_out,
    no_number_known,
    reason_out,
    reasons_out,
)


async def detail(session: AsyncSession, actor: Actor, request: Request) -> RequestDetailOut:
    """All the actor may see of a request, and what they can do with it now."""
    return await detail_of(session, actor, await case_of(session, request))


async def detail_of(session: AsyncSession, actor: Actor, case: Case) -> RequestDetailOut:
    """The same of a case that a use case has opened: its facts aren't read again, and what belongs to it is read in one
    statement."""
    request, is_staff = case.request, isinstance(actor, Staff)
    # What the registry gave is for who proved who they are.
    is_sure = not isinstance(actor, Citizen) or actor.assurance is Assurance.FULL
    facts = await facts_of(session, case)
    if is_staff and facts.other_id is not None:  # named in what a registration would write
        record_views(actor, ViewContext.CASE, {facts.other_id: request.unit_id})
    last = await last_day_to_appeal(session, case)
    # What a citizen is shown here notifies them: the terms against a refusal count from the first time. What staff see
    # who act for them doesn't.
    if isinstance(actor, Citizen) and actor.helper is None:
        refusal = await notify_refusal(session, actor, request)
    else:
        refusal = await refusal_in_force(session, request)
    await session.flush()
    held = await case_file(session, request, for_staff=is_staff)
    clock_now, wording = _clock(case), wording_of(request.service, request.outcome)
    made = await undoable(session, case)
    undo_until = await undo_deadline(session, case, actor, made)
    actions = _actions(case, actor, can_appeal=last is not None and case.today <= last, can_undo=undo_until is not None)
    return RequestDetailOut(
        **_row_of(request),
        outcome_text=str(wording.state) if wording else None,
        answers=request.answers,
        clock=clock_now,
        checks=await _checks(session, case, facts, for_staff=is_staff),
        reasons=reasons_out(case.service, request, for_staff=is_staff),
        required_documents=[required_document_out(needed) for needed in documents_asked(case.service, facts)],
        documents=[RequestDocumentOut.model_validate(one) for one in held.documents],
        messages=[MessageOut.model_validate(one) for one in held.messages],
        history=[TimelineEntryOut.model_validate(one) for one in held.history],
        actions=actions,
        action_texts=[TextOut(code=one, text=action_text(request.service, one)) for one in actions],
        decisions=_decisions(case, actor, actions) if is_staff else [],
        document_reasons=_document_reasons() if is_staff else [],
        appeal_until=last if refusal is None or refusal.notified_at is not None else None,
        appealed_at=held.appealed_at,
        reply_by=held.reply_by,
        certificate=is_sure and _is_certified(case),
        refusal=await _refusal(session, actor, case, refusal, with_review=last is not None, is_sure=is_sure)
        if refusal
        else None,
        asking=_asking(case, held.messages, clock_now) if is_staff else [],
        rows=[_row(one) for one in (request.result.get("facts") or {}).get("rows", []) if is_sure],
        changes=changes_out(_changes(case, facts, made, for_staff=is_staff)) if is_sure else [],
        undo_until=undo_until,
    )


def _row_of(request: Request) -> dict[str, Any]:
    """What an answer has of the request's row."""
    return {name: getattr(request, name) for name in RequestOut.model_fields if name != "status_text"}


async def _checks(session: AsyncSession, case: Case, facts: Facts, *, for_staff: bool) -> list[CheckOut]:
    """A draft shows what the checks find today, before submission; afterwards, what they found then."""
    is_draft = case.request.kind == StateKind.DRAFT
    checks = [one.as_stored() for one in run_checks(case.service, facts)] if is_draft else case.request.checks
    is_known = for_staff and await has_registered_curp(session, case.service, case.request)
    shown = (check_out(case.service, one, for_staff=for_staff) for one in checks)
    return [no_number_known(found) if is_known and found.rule == NO_NUMBER else found for found in shown]


def _is_certified(case: Case) -> bool:
    row = case.request
    has_one = row.outcome == Outcome.APPROVED and case.service.result.certificate is not None
    return has_one and certificate_from(row) is None


async def _refusal(
    session: AsyncSession, actor: Actor, case: Case, refusal: Refusal, *, with_review: bool, is_sure: bool
) -> RefusalOut:
    """The refusal in force with the last day of each means; without them until it is first shown."""
    # Of who only says who they are, the document has no datum that they didn't type.
    is_own = isinstance(actor, Citizen) and case.person.declared_at is not None and case.person.id == actor.person_id
    use = case.service.refusal
    notified_on = case.day_of(refusal.notified_at) if refusal.notified_at else None
    against = await challengeable(session, case.service, notified_on, with_review=with_review) if notified_on else None
    return RefusalOut(
        notified_on=notified_on,
        takes_effect_on=against.takes_effect_on if against else None,
        confirmed_on=case.day_of(refusal.confirmed_at) if refusal.confirmed_at else None,
        document=(is_sure or is_own) and refusal.document is not None,
        text=str(use.text) if use.text else None,
        basis=str(use.basis) if use.basis else None,
        challenges=[challenge_out(one, case.today) for one in against.terms] if against else [],
    )


def challenge_out(term: Term, today: date) -> RefusalChallengeOut:
    """A means of challenge with its last day, in the current language."""
    means = term.means
    return RefusalChallengeOut(
        id=means.id,
        name=str(means.name),
        authority=str(means.authority),
        last_day=term.last_day,
        is_open=term.is_open(today),
        note=str(means.note),
        basis=str(means.basis),
        status=means.status,
    )


ASKED_BEFORE = N_(
    "Ya se le pidió algo antes y la ley prevé un solo aviso (Ley Federal de Procedimiento Administrativo, art. 17-A):"
    " si no contesta, desechar la solicitud por eso puede no ser válido."
)
ASKED_LATE = N_(
    "Ya se usaron %(spent)s de los %(target)s días hábiles del plazo, y la ley pide avisar en su primer tercio (Ley"
    " Federal de Procedimiento Administrativo, art. 17-A): si no contesta, desechar la solicitud puede no ser válido."
)


def _asking(case: Case, messages: Sequence[Mapping[str, Any]], clock_now: ClockOut) -> list[str]:
    """What the law says against asking the person for something now: once, and in the first part of the term."""
    if case.service.workflow.allowed_transition(case.request.status, "ask") is None:
        return []
    law, warned = challenges().asking, []
    if sum(one["kind"] == MessageKind.ASK for one in messages) >= law.times:
        warned.append(gettext(ASKED_BEFORE))
    if asked_late(clock_now.spent_days, clock_now.target_days, law.first_part):
        used = {"spent": clock_now.spent_days, "target": clock_now.target_days}
        warned.append(gettext(ASKED_LATE) % used)
    return warned


def _changes(case: Case, facts: Facts, made: Undoable | None, *, for_staff: bool) -> Sequence[Change]:
    """What an approval would change today, and once it is approved what it changed; nothing of other ends. What a
    registration writes shows another person's name, so it is for staff."""
    if isinstance(made, Correction):
        return changes_made(made)
    if for_staff and case.request.kind != StateKind.FINAL and "add_dependant" in case.service.result.effects:
        return registration(facts)
    is_open = case.request.kind != StateKind.FINAL and "correct_person" in case.service.result.effects
    return changes(facts) if is_open and not approval_errors(case.service, facts) else ()


def required_document_out(needed: DocumentAsked) -> RequiredDocumentOut:
    """A document asked for, in the current language."""
    return RequiredDocumentOut(
        kind=needed.kind,
        name=str(needed.name),
        hint=str(needed.hint) if needed.hint else None,
        required=needed.required,
        formats=list(needed.formats),
        media_types=media_types_of(needed.formats),
        max_mb=needed.max_mb,
    )


def _clock(case: Case) -> ClockOut:
    """The clock today, or on the day the request ended: what was decided in time stays so. A draft has the days that it
    would have with the answers so far."""
    row = case.request
    is_draft = row.kind == StateKind.DRAFT
    day = case.day_of(row.changed_at) if row.kind == StateKind.FINAL else case.today
    return ClockOut(
        target_days=case.service.target.days_for(row.answers) if is_draft else row.target_days,
        spent_days=legal.stop(case.clock, day, case.days_off).spent,
        runs=row.running_since is not None,
        is_breached=case.clock.is_breached(day),
    )


def _actions(case: Case, actor: Actor, *, can_appeal: bool, can_undo: bool) -> list[str]:
    ways = case.service.workflow.actions(case.request.status, party_of(actor))
    if isinstance(actor, Staff) and actor.staff_id in case.request.excluded_ids:
        ways = [way for way in ways if "hold" not in way.needs]
    names = list(dict.fromkeys(way.action for way in ways))
    if isinstance(actor, Citizen) and not can_appeal and "appeal" in names:
        names.remove("appeal")
    if not can_undo and "undo" in names:
        names.remove("undo")
    return [str(name) for name in names]


def _document_reasons() -> list[TextOut]:
    return [TextOut(code=code, text=gettext(words)) for code, words in REASONS.items()]


def _decisions(case: Case, actor: Actor, actions: Sequence[str]) -> list[DecisionOptionOut]:
    """How staff may decide it now: each with its reasons, whether or not the actor has claimed it."""
    made = []
    for action in (one for one in actions if one in DECISIONS):
        way = case.service.workflow.allowed_transition(case.request.status, action, party_of(actor))
        needs = way.needs if way else ()
        made.append(
            DecisionOptionOut(
                action=action,
                text=action_text(case.request.service, action),
                needs_reason="reason" in needs,
                needs_message="message" in needs or requires_message(case.service, action),
                reasons=[reason_out(one) for one in reasons_for(case, action)],
            )
        )
    return made


def _row(stored: dict[str, Any]) -> dict[str, Any]:
    return {
        name: one[language()] if isinstance(one, dict) else one for name, one in stored.items() if name != "is_name"
    }
