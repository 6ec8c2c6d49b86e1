"""Who wants a message about their yearly statement, and when it is due."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Citizen, System
from app.kernel.db import transaction
from app.kernel.events import record, record_all
from app.notifications.events import StatementSubscriptionChanged, YearlyStatementDue
from app.notifications.models import StatementSubscription
from app.places.rules import DEFAULT_ZONE

FIRST_DAY = 10
"""Of January: what was done on the last day of the year has ended or been corrected by then, mostly."""
BATCH = 500
SYSTEM = System("notifications")


def year_due(today: date) -> int | None:
    """The year whose statement people are notified about on a day; None when it isn't the time."""
    return today.year - 1 if today.month == 1 and today.day >= FIRST_DAY else None


async def subscribed_since(session: AsyncSession, person_id: UUID) -> datetime | None:
    """Since when the person wants the message; None: they don't."""
    row = await session.get(StatementSubscription, person_id)
    return row.since if row is not None else None


async def choose(session: AsyncSession, actor: Citizen, *, is_wanted: bool) -> None:
    """Subscribe the person or end it; the same again changes nothing. The first message is about the year that isn't
    over."""
    person_id, now = actor.person_id, clock.now()
    if is_wanted:
        over = clock.local_day(now, DEFAULT_ZONE).year - 1
        row = {"person_id": person_id, "since": now, "notified_year": over}
        changed = insert(StatementSubscription).values(row).on_conflict_do_nothing()
        done = await session.scalar(changed.returning(StatementSubscription.person_id))
    else:
        ended = delete(StatementSubscription).where(StatementSubscription.person_id == person_id)
        done = await session.scalar(ended.returning(StatementSubscription.person_id))
    if done is not None:
        event = StatementSubscriptionChanged(subject_id=person_id, person_id=person_id, is_wanted=is_wanted)
        await record(session, actor, event)


async def notify_due(today: date) -> int:
    """Record the event of each message that is due, once a year and person; returns how many."""
    year, total = year_due(today), 0
    while year is not None:
        async with transaction() as session:
            due = (
                select(StatementSubscription.person_id)
                .where(StatementSubscription.notified_year < year)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
            people = list((await session.scalars(due)).all())
            notified = update(StatementSubscription).where(StatementSubscription.person_id.in_(people))
            await session.execute(notified.values(notified_year=year))
            if people:
                events = [YearlyStatementDue(subject_id=one, person_id=one, year=year) for one in people]
                await record_all(session, *((SYSTEM, event) for event in events))
        total += len(people)
        if len(people) < BATCH:
            break
    return total
