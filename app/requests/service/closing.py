"""Closing a request other than by decision, and what follows: withdraw, lapse, appeal, feedback."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.challenges import INTERNAL_REVIEW, means_against
from app.catalog.loader import get_service
from app.catalog.rules.workflow import Outcome, StateKind, Transition
from app.kernel import clock, ids
from app.kernel.actor import Citizen, System
from app.kernel.etags import Versions
from app.kernel.events import record
from app.kernel.i18n import format_long_day
from app.requests.events import FeedbackGiven, RequestAppealed, RequestLapsed, RequestWithdrawn
from app.requests.models import Appeal, Request
from app.requests.problems import AlreadyAppealed, AppealTooLate, WrongState
from app.requests.queries.case_file import appeal_of, challengeable, refusal_in_force
from app.requests.rules import clock as legal
from app.requests.rules.kinds import MessageKind
from app.requests.service.cases import Case, apply_transition, only_one, open_case
from app.requests.service.messages import add_message


async def withdraw(session: AsyncSession, actor: Citizen, folio: str, *, version: Versions = None) -> Case:
    """Withdraw a request; nothing is decided.

    Raises:
        NotFound, Stale; WrongState: it isn't submitted, or has ended.
    """
    case = await open_case(session, actor, folio, version=version)
    await apply_transition(session, case, case.transition("withdraw", "citizen"))
    await record(session, actor, case.fact(RequestWithdrawn))
    return case


async def last_day_to_appeal(session: AsyncSession, case: Case) -> date | None:
    """Until when the internal review of a refusal may be asked for; None when it can't be, or was. Of one that wasn't
    shown yet, the day if it is shown today: its term hasn't begun."""
    row = case.request
    if row.outcome != Outcome.REFUSED or row.decided_at is None or await appeal_of(session, row) is not None:
        return None
    refusal = await refusal_in_force(session, row)
    notified_on = case.day_of(refusal.notified_at) if refusal and refusal.notified_at else case.today
    return (await challengeable(session, case.service, notified_on, with_review=True)).last_day(INTERNAL_REVIEW)


async def appeal(session: AsyncSession, actor: Citizen, folio: str, body: str) -> Case:
    """Appeal a refusal to a supervisor; a clock of its own starts.

    Raises:
        NotFound; WrongState: it isn't refused, or can't be appealed. AlreadyAppealed: this decision was. AppealTooLate.
        AlreadyOpen: the same was asked for again since.
    """
    case = await open_case(session, actor, folio)
    transition = await require_appealable(session, case)
    row = case.request
    async with only_one(session, row.person_id, row.service, row.duplicate_key):
        add_message(session, actor, row, MessageKind.APPEAL, body)
        row.target_days = max(1, case.service.target.days_for(row.answers))
        row.decided_at, row.decided_by, row.proposed_by = None, None, None
        row.excluded_ids = list(dict.fromkeys([*row.excluded_ids, *row.refused_by]))
        row.decision_id = row.decision_id or ids.new_id()
        session.add(
            Appeal(
                decision_id=row.decision_id,
                person_id=row.person_id,
                request_id=row.id,
                applicant_id=actor.person_id,
                created_at=clock.now(),
            )
        )
        case.set_clock(legal.start(row.target_days, case.today, case.days_off))
        case.show_due_date()
        await apply_transition(session, case, transition)
    await record(session, actor, case.fact(RequestAppealed, due_on=row.due_on))
    return case


async def refuse_second_appeal(session: AsyncSession, row: Request) -> None:
    """Go on unless the decision in force was appealed before.

    Raises:
        AlreadyAppealed: with the folio where it is followed, and what is left to do.
    """
    made = await appeal_of(session, row)
    if made is None:
        return
    upheld = AlreadyAppealed.upheld if means_against(get_service(row.service)) else AlreadyAppealed.upheld_alone
    advice = (
        {Outcome.REFUSED: upheld, Outcome.WITHDRAWN: AlreadyAppealed.withdrawn}.get(Outcome(row.outcome))
        if row.outcome
        else None
    )
    raise AlreadyAppealed(
        next_step=advice, extra={"folio": row.folio, "appealed_at": made.created_at.isoformat()}, folio=row.folio
    )


async def require_appealable(session: AsyncSession, case: Case) -> Transition:
    """The way to an appeal of the decision in force.

    Raises:
        AlreadyAppealed; WrongState: it isn't refused, or can't be appealed; AppealTooLate.
    """
    await refuse_second_appeal(session, case.request)
    transition = case.transition("appeal", "citizen")
    last = await last_day_to_appeal(session, case)
    if last is None:
        raise WrongState
    if case.today > last:
        raise await _too_late(session, case)
    return transition


async def _too_late(session: AsyncSession, case: Case) -> AppealTooLate:
    """The refusal with what is still open: the means of the law had their own terms, which ran meanwhile."""
    days = case.service.appeal.working_days if case.service.appeal else 0
    refusal = await refusal_in_force(session, case.request)
    notified_on = case.day_of(refusal.notified_at) if refusal and refusal.notified_at else case.today
    against = await challengeable(session, case.service, notified_on, with_review=False)
    court = against.last_day("labour-court")
    if court is None or court < case.today:
        return AppealTooLate(days=days)
    council = against.last_day("inconformity")
    is_open = council is not None and council >= case.today
    return AppealTooLate(
        next_step=AppealTooLate.council_open if is_open else AppealTooLate.court_open,
        days=days,
        council=format_long_day(council) if council else "",
        court=format_long_day(court),
    )


async def lapse(session: AsyncSession, actor: System, case: Case) -> None:
    """The time to answer is over.

    Raises:
        WrongState: no question is open any more.
    """
    await apply_transition(session, case, case.transition("lapse", "system"))
    await record(session, actor, case.fact(RequestLapsed))


def accepts_feedback(request: Request) -> bool:
    """Whether the question at the end can be answered: what was withdrawn gave nothing to go in person for."""
    return request.kind == StateKind.FINAL and request.outcome != Outcome.WITHDRAWN and request.feedback is None


async def give_feedback(
    session: AsyncSession, actor: Citizen, folio: str, *, would_have_visited: bool | None, satisfaction: int | None
) -> None:
    """The one question, once, after the end; optional, and blocking nothing.

    Raises:
        NotFound; WrongState: it hasn't ended, was withdrawn, or the question was answered.
    """
    case = await open_case(session, actor, folio)
    if not accepts_feedback(case.request):
        raise WrongState
    case.request.feedback = {"would_have_visited": would_have_visited, "satisfaction": satisfaction}
    given = case.fact(FeedbackGiven, would_have_visited=would_have_visited, satisfaction=satisfaction)
    await record(session, actor, given)
