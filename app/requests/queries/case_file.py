"""What belongs to a request: documents, messages, history, its appeal, and the refusal in force with its challenges.

The term of every means counts from when the refusal was first shown to the person, or to who acts for them, at their
unit's day. No one who hasn't been shown it is notified, and no term runs for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.challenges import challenges, means_against, means_of
from app.catalog.definition import Service
from app.catalog.rules.workflow import Outcome, StateKind
from app.places.queries import days_out_of_terms
from app.requests.models import Appeal, Refusal, Request, RequestMessage, queue_of
from app.requests.rules.clock import Term, takes_effect_on, terms_of
from app.requests.rules.kinds import MessageKind
from app.requests.statements import STATEMENTS

_CASE_FILE, _BEFORE_SUBMISSION = STATEMENTS.load("case_file"), STATEMENTS.load("before_submission")
_HISTORY, _STAFF_HISTORY = STATEMENTS.load("history"), STATEMENTS.load("staff_history")
MAX_TERM_DAYS = timedelta(days=400)
"""More days than the longest term in working days takes, agency vacations and all."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What an answer shows of a request beside its row: each entry by the names of its answer model."""

    documents: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    history: list[dict[str, Any]]
    appealed_at: datetime | None = None
    reply_by: date | None = None
    """Until when a message that waits is answered."""


async def case_file(session: AsyncSession, request: Request, *, for_staff: bool) -> CaseFile:
    """All of it in one statement, oldest first; notes are for staff."""
    of = {"decision_id": request.decision_id, "queue": queue_of(request.unit_id), "for_staff": for_staff}
    row = (await session.execute(_CASE_FILE, _of(request) | of)).one()
    return CaseFile(row.documents or [], row.messages or [], row.history or [], row.appealed_at, row.reply_by)


@dataclass(frozen=True, slots=True)
class BeforeSubmission:
    """What a draft is submitted on: its documents (id, kind, state), the folio of an open request for the same thing,
    and the words of the person's name that the search doesn't know yet."""

    documents: list[tuple[UUID, str, str]]
    open_folio: str | None
    new_words: list[str]


async def before_submission(
    session: AsyncSession, request: Request, duplicate_key: str, words: Sequence[str]
) -> BeforeSubmission:
    """All of it in one statement."""
    asked = {"service": request.service, "duplicate_key": duplicate_key, "words": list(words)}
    row = (await session.execute(_BEFORE_SUBMISSION, _of(request) | asked)).one()
    documents = [(UUID(document_id), kind, state) for document_id, kind, state in row.documents or ()]
    return BeforeSubmission(documents, row.open_folio, row.new_words)


def _of(request: Request) -> dict[str, Any]:
    return {"person_id": request.person_id, "request_id": request.id}


async def messages_of(session: AsyncSession, request: Request, *, for_staff: bool) -> list[RequestMessage]:
    """Return the messages, oldest first; notes are for staff."""
    message = select(RequestMessage).where(
        RequestMessage.person_id == request.person_id, RequestMessage.request_id == request.id
    )
    if not for_staff:
        message = message.where(RequestMessage.kind != MessageKind.NOTE)
    return list((await session.scalars(message.order_by(RequestMessage.id))).all())


async def open_question(session: AsyncSession, request: Request) -> RequestMessage | None:
    """Return the open question to the citizen, if there is one."""
    if request.kind != StateKind.WAITING:
        return None
    messages = await messages_of(session, request, for_staff=False)
    return next((message for message in reversed(messages) if message.kind == MessageKind.ASK), None)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry of the history."""

    at: datetime
    type: str
    actor_kind: str
    channel: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StaffEvent:
    """An entry of the history as staff read it: with the names of who did it and of who had or got the request. What a
    member of staff did for the person has the channel of their assistance, and their role today."""

    at: datetime
    type: str
    payload: dict[str, Any]
    staff_name: str | None
    holder_name: str | None
    assisted_channel: str | None = None
    helper_role: str | None = None


async def staff_history(session: AsyncSession, request_id: UUID) -> list[StaffEvent]:
    """What happened to a request, oldest first, by whom of the staff."""
    return [StaffEvent(*row) for row in await session.execute(_STAFF_HISTORY, {"id": request_id})]


async def history_of(session: AsyncSession, request_id: UUID) -> list[TimelineEntry]:
    """What happened to a request, oldest first: the timeline a person reads."""
    return [TimelineEntry(*row) for row in await session.execute(_HISTORY, {"id": request_id})]


async def appeal_of(session: AsyncSession, request: Request) -> Appeal | None:
    """The appeal of the decision in force, open or not."""
    return await session.get(Appeal, request.decision_id) if request.decision_id is not None else None


@dataclass(frozen=True, slots=True)
class Challengeable:
    """When a refusal takes effect if it is notified on a day, and the means against it, each with its last day."""

    notified_on: date
    takes_effect_on: date
    terms: tuple[Term, ...]

    def last_day(self, means_id: str) -> date | None:
        """The last day of a means; None when the refusal hasn't it."""
        return next((one.last_day for one in self.terms if one.means.id == means_id), None)


async def refusal_in_force(session: AsyncSession, request: Request) -> Refusal | None:
    """The refusal that stands: of a request that is refused, or whose appeal is open or was withdrawn."""
    if request.decision_id is None or request.outcome == Outcome.APPROVED:
        return None
    found = await session.get(Refusal, request.decision_id)
    return found if found is not None and found.annulled_at is None else None


async def refusals_with_document(session: AsyncSession, requests: Sequence[Request]) -> set[UUID]:
    """The ids of those requests whose refusal in force has a document."""
    statement = select(Refusal.request_id).where(
        Refusal.decision_id.in_([one.decision_id for one in requests if one.decision_id]),
        Refusal.annulled_at.is_(None),
        Refusal.document.is_not(None),
    )
    return set((await session.scalars(statement)).all())


async def challengeable(
    session: AsyncSession, service: Service, notified_on: date, *, with_review: bool
) -> Challengeable:
    """The means against a refusal of this service notified on a day: the internal review first, when it can be asked
    for, then those of the law."""
    days_off = await days_out_of_terms(session, notified_on, notified_on + MAX_TERM_DAYS)
    delay = challenges().counting.effect_working_days
    means = means_of(service) if with_review else means_against(service)
    return Challengeable(
        notified_on,
        takes_effect_on(notified_on, days_off, effect_working_days=delay),
        tuple(terms_of(means, notified_on, days_off, effect_working_days=delay)),
    )
