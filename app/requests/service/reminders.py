"""What a person has to know without anything happening now: an answer whose last day is near, a draft that they never
submitted, a decision that comes later than they know. Each once.

Found in waking hours of the person's unit only, since the messages leave at once.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.workflow import StateKind
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.events import record
from app.places.models import Unit
from app.places.rules import DEFAULT_ZONE, SLEEPS, WAKES
from app.registry.models import Person
from app.requests.events import AnswerDueSoon, DraftLeftOpen, DueDateMoved
from app.requests.models import Request

ACTOR = System("requests")
ANSWER_DAYS = 3
"""Days before the last to answer."""
DRAFT_TIME = timedelta(days=2)


async def remind_to_answer(session: AsyncSession, limit: int) -> int:
    """Record that the last day to answer is three days away, once for each such day; returns of how many. Who was asked
    within these days was sent the same by the question."""
    today, asked_on = clock.local_day_column(_now(), _zone()), clock.local_day_column(Request.stopped_at, _zone())
    is_near = and_(
        Request.kind == StateKind.WAITING,
        Request.answer_by <= clock.dates_in_progress()[-1] + timedelta(days=ANSWER_DAYS),
        Request.answer_by >= today,
        Request.answer_by <= today + ANSWER_DAYS,
        Request.answer_by > asked_on + ANSWER_DAYS,
        Request.reminded_answer_by.is_distinct_from(Request.answer_by),
    )
    found = await _locked(session, is_near, limit)
    for request in found:
        assert request.answer_by is not None
        request.reminded_answer_by = request.answer_by
        await record(session, ACTOR, AnswerDueSoon(**_about(request), answer_by=request.answer_by))
    return len(found)


async def remind_of_drafts(session: AsyncSession, limit: int) -> int:
    """Record that a draft was left two days ago, once; returns of how many."""
    left = and_(
        Request.kind == StateKind.DRAFT,
        Request.changed_at < clock.now() - DRAFT_TIME,
        Request.draft_reminded_at.is_(None),
    )
    found = await _locked(session, left, limit)
    for request in found:
        request.draft_reminded_at = clock.now()
        await record(session, ACTOR, DraftLeftOpen(**_about(request)))
    return len(found)


async def notify_moved_dates(session: AsyncSession, limit: int) -> int:
    """Record that requests are decided later than their people know, once for each day; returns of how many. What moves
    twice before is recorded once; what moves back isn't."""
    is_later = and_(Request.kind == StateKind.REVIEW, Request.due_on > Request.known_due_on)
    found = await _locked(session, is_later, limit)
    for request in found:
        assert request.due_on is not None
        assert request.known_due_on is not None
        before, request.known_due_on = request.known_due_on, request.due_on
        await record(session, ACTOR, DueDateMoved(**_about(request), before=before, due_on=request.due_on))
    return len(found)


async def _locked(session: AsyncSession, condition: ColumnElement[bool], limit: int) -> list[Request]:
    """Requests that another worker doesn't look at, of people who are awake."""
    local = clock.local_time_column(_now(), _zone())
    wanted = select(Request).where(condition, local >= WAKES, local < SLEEPS)
    return list((await session.scalars(wanted.limit(limit).with_for_update(of=Request, skip_locked=True))).all())


def _now() -> ColumnElement[Any]:
    return literal(clock.now(), DateTime(timezone=True))


def _unit() -> ColumnElement[Any]:
    own = select(Person.unit_id).where(Person.id == Request.person_id).correlate(Request).scalar_subquery()
    return func.coalesce(Request.unit_id, own)


def _zone() -> ColumnElement[str]:
    zone = select(Unit.timezone).where(Unit.id == _unit()).correlate(Request).scalar_subquery()
    return func.coalesce(zone, DEFAULT_ZONE)


def _about(request: Request) -> dict[str, Any]:
    return {
        "subject_id": request.id,
        "person_id": request.person_id,
        "unit_id": request.unit_id,
        "service": request.service,
        "service_version": request.service_version,
        "folio": request.folio,
    }
