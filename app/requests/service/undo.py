"""Undo an approval that corrected a person's data or registered a dependant: for who approved it, for some minutes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Actor, Staff
from app.kernel.etags import Versions
from app.kernel.events import record
from app.registry.corrections import Correction, correction_of, is_correction_undoable, undo_correction
from app.registry.registrations import Registration, is_registration_undoable, undo_registration
from app.requests.events import ApprovalUndone
from app.requests.models import Request
from app.requests.problems import AlreadyOpen, NotDecider, UndoBlocked, UndoTooLate, WrongState
from app.requests.queries.own import open_duplicate
from app.requests.rules.clock import UNDO_MINUTES, certified_from, undo_until
from app.requests.rules.corrections import NAMES
from app.requests.service.cases import Case, apply_transition, only_one, open_case, party_of
from app.requests.service.claims import claim_one
from app.requests.service.people import reindex_person
from app.requests.service.resolutions import restore_refusal

DECIDED_FROM = "decided_from"
"""Where a request was when it was approved: an entry of its result."""
DECISION_BEFORE = "decision_before"
"""Which decision was in force, of one approved on appeal: the appeal stays that of this one."""
DECIDED_UNDOABLE = "undoable"
"""An entry of the result of an approval that can be undone for some minutes."""
REGISTERED = "registered"
"""The registration of a dependant that the approval wrote: an entry of its result."""
Undoable = Correction | Registration


async def undo_approval(session: AsyncSession, actor: Staff, folio: str, *, version: Versions = None) -> Case:
    """Restore what the registry said before an approval; the request returns to where it was decided, claimed by the
    actor. Its deadline stays.

    Raises:
        NotFound, Stale; WrongState: it isn't approved, or its approval changed nothing that can be undone. NotDecider;
        UndoTooLate. CorrectedSince, RegistrationChanged: what it wrote was changed again. UndoBlocked: the same was
        asked for again since.
    """
    case = await open_case(session, actor, folio, version=version)
    transition = case.transition("undo", party_of(actor))
    row = case.request
    made = await undoable(session, case)
    if made is None or row.decided_at is None:
        raise WrongState
    if row.decided_by != actor.staff_id:
        raise NotDecider
    if clock.now() > undo_until(row.decided_at):
        raise UndoTooLate(minutes=UNDO_MINUTES)
    if isinstance(made, Registration):
        await undo_registration(session, actor, made)
    else:
        await _undo_correction(session, actor, case, made)
    back = transition.model_copy(update={"target": row.result.get(DECIDED_FROM, transition.target)})
    try:
        async with only_one(session, row.person_id, row.service, row.duplicate_key):
            decision = row.result.get(DECISION_BEFORE)
            row.decision_id = UUID(decision) if decision else None
            await restore_refusal(session, row.decision_id)
            row.decided_at, row.decided_by, row.reasons, row.result = None, None, [], {}
            await apply_transition(session, case, back)
    except AlreadyOpen as opened:
        raise UndoBlocked(folio=opened.extra["folio"], extra=opened.extra) from opened
    correction_id = made.id if isinstance(made, Correction) else None
    await record(session, actor, case.fact(ApprovalUndone, correction_id=correction_id, due_on=row.due_on))
    return await claim_one(session, actor, row.folio)


async def _undo_correction(session: AsyncSession, actor: Staff, case: Case, made: Correction) -> None:
    await undo_correction(session, actor, case.request.person_id, made)
    await session.refresh(case.person)
    if set(made.after) & set(NAMES):
        await reindex_person(session, case.person)


async def undo_record(session: AsyncSession, case: Case) -> dict[str, Any]:
    """Return what the result of an approval stores so that it can be undone; empty when it changed nothing."""
    if not case.service.result.effects:
        return {}
    row = case.request
    registered = {REGISTERED: case.registered.stored()} if _can_undo(case) and case.registered is not None else {}
    if not registered and await correction_of(session, row.person_id, row.id) is None:
        return {}
    decision = str(row.decision_id) if row.decision_id is not None else None
    return {DECIDED_FROM: row.status, DECISION_BEFORE: decision, DECIDED_UNDOABLE: True, **registered}


def _can_undo(case: Case) -> bool:
    """Whether the service, as the request began with it, has an undo of its approvals."""
    return any(one.action == "undo" for one in case.service.workflow.transitions)


async def undoable(session: AsyncSession, case: Case) -> Undoable | None:
    """The correction or registration that the request's approval made, where its service can undo one."""
    row = case.request
    if row.outcome != "approved" or case.service.workflow.allowed_transition(row.status, "undo", "officer") is None:
        return None
    if REGISTERED in row.result:
        return Registration.from_stored(row.result[REGISTERED])
    return await correction_of(session, row.person_id, row.id)


async def undo_deadline(session: AsyncSession, case: Case, actor: Actor, made: Undoable | None) -> datetime | None:
    """Until when this actor may undo the approval; None for all but who approved it, when it is too late, and when an
    undo would be refused: the data were changed again, or the same was asked for again."""
    until = _until(case, actor, made)
    if until is None or made is None or not await _stands(session, case, made):
        return None
    row = case.request
    is_open_again = await open_duplicate(session, row.person_id, row.service, row.duplicate_key) is not None
    return None if is_open_again else until


async def _stands(session: AsyncSession, case: Case, made: Undoable) -> bool:
    if isinstance(made, Registration):
        return await is_registration_undoable(session, made)
    return await is_correction_undoable(session, case.person, made)


def _until(case: Case, actor: Actor, made: Undoable | None) -> datetime | None:
    row = case.request
    if made is None or row.decided_at is None or not isinstance(actor, Staff) or row.decided_by != actor.staff_id:
        return None
    until = undo_until(row.decided_at)
    return until if clock.now() <= until else None


def certificate_from(request: Request) -> datetime | None:
    """From when the certificate is given, where the approval can still be undone: what may not stand gets none."""
    if DECIDED_UNDOABLE not in request.result or request.decided_at is None:
        return None
    ready = certified_from(request.decided_at)
    return ready if clock.now() < ready else None
