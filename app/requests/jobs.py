"""Periodic jobs of requests: lapse unanswered ones, release expired leases, escalate overdue work."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.rules.workflow import StateKind
from app.documents import storage
from app.kernel import clock
from app.kernel.actor import System
from app.kernel.db import transaction
from app.kernel.events import record
from app.kernel.jobs import cleanup, periodic
from app.places.queries import today_at
from app.requests.events import WorkEscalated, WorkReleased
from app.requests.models import NO_UNIT, Request
from app.requests.service.cases import case_of
from app.requests.service.closing import lapse
from app.requests.service.drafts import discard
from app.requests.service.reminders import notify_moved_dates, remind_of_drafts, remind_to_answer
from app.requests.settings import request_settings
from app.requests.statements import STATEMENTS

KEEPER = System("requests")
BATCH = 200
RELEASE_EXPIRED, ESCALATE = STATEMENTS.load("release_expired"), STATEMENTS.load("escalate")


@periodic("requests.release-expired", cron="* * * * *")
async def release_expired(_due: datetime) -> None:
    """Release the leases that expired without a heartbeat, each minute."""
    while await release_expired_batch() == BATCH:
        pass


async def release_expired_batch() -> int:
    """Release one batch; returns how many."""
    async with transaction() as session:
        rows = (await session.execute(RELEASE_EXPIRED, {"now": clock.now(), "batch": BATCH})).all()
        for row in rows:
            await record(session, KEEPER, WorkReleased(**_about(row), holder_id=row.holder_id, lapsed=True))
    return len(rows)


@periodic("requests.escalate", cron="7 * * * *")
async def escalate(_due: datetime) -> None:
    """Escalate overdue work to the supervisors, each hour."""
    while await escalate_batch() == BATCH:
        pass


async def escalate_batch() -> int:
    """One batch; returns how many were escalated."""
    params = {"now": clock.now(), "latest": clock.dates_in_progress()[-1], "batch": BATCH}
    async with transaction() as session:
        rows = (await session.execute(ESCALATE, params)).all()
        for row in rows:
            await record(session, KEEPER, WorkEscalated(**_about(row), due_on=row.due_on))
    return len(rows)


def _about(row: Any) -> dict[str, Any]:
    return {
        "subject_id": row.request_id,
        "person_id": row.person_id,
        "unit_id": row.unit_id if row.unit_id != NO_UNIT else None,
        "service": row.service,
        "folio": row.folio,
    }


@periodic("requests.remind", cron="12 * * * *")
async def remind(_due: datetime) -> None:
    """Remind people of answers whose last day is near and of drafts that they left, and notify them of decisions that
    come later than they know, each once, hourly."""
    for remind_some in (remind_to_answer, remind_of_drafts, notify_moved_dates):
        done = BATCH
        while done == BATCH:
            async with transaction() as session:
                done = await remind_some(session, BATCH)


@cleanup("requests.lapse", cron="23 * * * *")
async def lapse_unanswered(_due: datetime) -> None:
    """Lapse the requests whose citizen didn't answer by the last day, each hour."""
    while await lapse_batch() == BATCH:
        pass


async def lapse_batch() -> int:
    """One batch; returns how many lapsed. The last day belongs to the citizen, by their unit's clock."""
    async with transaction() as session:
        lapsed = 0
        for request in await _overdue(session):
            await lapse(session, KEEPER, await case_of(session, request))
            lapsed += 1
    return lapsed


async def _overdue(session: AsyncSession) -> list[Request]:
    """Those whose last day has passed at their unit."""
    overdue = (
        select(Request)
        .where(Request.answer_by < clock.dates_in_progress()[-1], Request.answer_by < today_at(Request.unit_id))
        .order_by(Request.answer_by)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return list((await session.scalars(overdue)).all())


@cleanup("requests.delete-stale-drafts", cron="17 4 * * *")
async def delete_stale_drafts(due: datetime) -> None:
    """Delete stale drafts with their documents, nightly."""
    while await delete_stale_drafts_batch(due - timedelta(days=request_settings().draft_days)) == BATCH:
        pass


async def delete_stale_drafts_batch(before: datetime) -> int:
    """Delete one batch; returns how many."""
    async with transaction() as session:
        # Locked: one of them may be edited concurrently.
        old = select(Request.folio).where(Request.kind == StateKind.DRAFT, Request.changed_at < before).limit(BATCH)
        folios = (await session.scalars(old.with_for_update(skip_locked=True))).all()
        keys = [key for folio in folios for key in await discard(session, KEEPER, folio)]
    await storage.remove(keys)
    return len(folios)
