"""A visit to the window as a step of a request. The appointment itself is made by the package above both."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.workflow import StateKind
from app.kernel.actor import Staff, System
from app.kernel.events import record
from app.requests.events import VisitAttended, VisitCancelled, VisitInvited, VisitMoved
from app.requests.models import Request
from app.requests.rules import clock as legal
from app.requests.rules.kinds import MessageKind
from app.requests.service.cases import Case, apply_transition, case_of, open_case, party_of, term_non_working_days
from app.requests.service.claims import require_hold
from app.requests.service.messages import add_message


async def require_visit_possible(session: AsyncSession, actor: Staff, folio: str) -> Case:
    """Return the case if the actor may make a visit part of it now.

    Raises:
        NotFound; WrongState: the service or state has no visit. ClaimNotHeld.
    """
    case = await open_case(session, actor, folio)
    case.transition("invite", party_of(actor))
    await require_hold(session, actor, case)
    return case


async def invite(
    session: AsyncSession, actor: Staff, case: Case, *, appointment_folio: str, on_date: date, message: str
) -> Case:
    """Invite the citizen on that day; the clock stops until then, and a while after in case they move it."""
    row = case.request
    row.appointment_folio = appointment_folio
    row.answer_by = legal.add_working_days(
        on_date, case.service.target.answer_days, await term_non_working_days(session, case)
    )
    add_message(session, actor, row, MessageKind.MESSAGE, message)
    await apply_transition(session, case, case.transition("invite", party_of(actor)))
    invited = case.fact(VisitInvited, appointment_folio=appointment_folio, answer_by=row.answer_by)
    await record(session, actor, invited)
    return case


async def case_of_visit(session: AsyncSession, person_id: UUID, appointment_folio: str) -> Case | None:
    """The case that waits for this appointment, locked; None when none does any more."""
    waiting = select(Request).where(
        Request.person_id == person_id, Request.appointment_folio == appointment_folio, Request.kind == StateKind.VISIT
    )
    found = await session.scalar(waiting.with_for_update().execution_options(populate_existing=True))
    return await case_of(session, found) if found is not None else None


async def move_visit(session: AsyncSession, actor: System, case: Case, *, on_date: date) -> None:
    """The citizen comes on another day: they are waited for until a while after that one."""
    row = case.request
    row.answer_by = legal.add_working_days(
        on_date, case.service.target.answer_days, await term_non_working_days(session, case)
    )
    row.version += 1
    await session.flush()
    await record(session, actor, case.fact(VisitMoved, answer_by=row.answer_by))


async def cancel_visit(session: AsyncSession, actor: System, case: Case) -> None:
    """Cancel the visit: back to the officers, who may make another appointment. The clock resumes.

    A request of a version whose workflow doesn't know this waits on, until it lapses.
    """
    transition = case.service.workflow.allowed_transition(case.request.status, "cancel", "system")
    if transition is None:
        return
    case.request.appointment_folio = None
    await apply_transition(session, case, transition)
    await record(session, actor, case.fact(VisitCancelled, due_on=case.request.due_on))


async def require_visit_due(session: AsyncSession, actor: Staff, folio: str) -> Case:
    """The case, when its citizen is waited for at the window.

    Raises:
        NotFound; WrongState: no visit is due.
    """
    case = await open_case(session, actor, folio)
    case.transition("attend", party_of(actor))
    return case


async def attend_as_recorded(session: AsyncSession, actor: System, case: Case) -> None:
    """Record that the citizen came, as the desk attended them: what the officer would record.

    A request of a version whose workflow doesn't know this waits on, until an officer records it.
    """
    transition = case.service.workflow.allowed_transition(case.request.status, "attend", "officer")
    if transition is None:
        return
    await apply_transition(session, case, transition)
    await record(session, actor, case.fact(VisitAttended, due_on=case.request.due_on, other_day=False))


async def attend(session: AsyncSession, actor: Staff, case: Case, *, other_day: bool) -> Case:
    """Record that the citizen came: back to the officers' queue, and the clock resumes."""
    await apply_transition(session, case, case.transition("attend", party_of(actor)))
    await record(session, actor, case.fact(VisitAttended, due_on=case.request.due_on, other_day=other_day))
    return case
