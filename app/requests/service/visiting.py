"""A visit to the window as a step of a request. The appointment itself is made by the room above both."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.actor import Staff
from app.kernel.facts import record
from app.requests.events import VisitAttended, VisitInvited
from app.requests.models import Request
from app.requests.rules import clock as legal
from app.requests.service.cases import Case, open_case, take, who_is
from app.requests.service.claiming import require_hold
from app.requests.service.talking import say


async def may_invite(session: AsyncSession, actor: Staff, folio: str) -> Case:
    """The case, when the actor may make a visit part of it now.

    Raises:
        NotFound; WrongState: the service or state has no visit. NotHeld.
    """
    case = await open_case(session, actor, folio)
    case.way("invite", who_is(actor))
    await require_hold(session, actor, case)
    return case


async def invite(
    session: AsyncSession, actor: Staff, case: Case, *, appointment_folio: str, on_date: date, message: str
) -> Request:
    """The citizen comes on that day; the clock stands still until then, and a while after in case they move it."""
    row = case.request
    row.appointment_folio = appointment_folio
    row.answer_by = legal.add_working_days(on_date, case.service.target.answer_days, case.rest)
    say(session, actor, row, "message", message)
    await take(session, case, case.way("invite", who_is(actor)))
    invited = case.fact(VisitInvited, appointment_folio=appointment_folio, answer_by=row.answer_by)
    await record(session, actor, invited)
    return row


async def attend(session: AsyncSession, actor: Staff, folio: str) -> Request:
    """The citizen came: back to the officers' queue, and the clock runs on.

    Raises:
        NotFound; WrongState: no visit is due.
    """
    case = await open_case(session, actor, folio)
    await take(session, case, case.way("attend", who_is(actor)))
    await record(session, actor, case.fact(VisitAttended))
    return case.request
