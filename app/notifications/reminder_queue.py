"""Enqueue the reminders that are due: one statement for some units at a time, no row in Python."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.rules import Status
from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.jobs import LANES, Lane
from app.kernel.statements import StatementFiles
from app.notifications.contacts import EMAIL
from app.notifications.reminder_rules import LAST_CALL, Moment
from app.places.rules import SLEEPS, WAKES

REMIND = "notifications.remind"
UNITS = 10
"""Units of a transaction."""
BATCH = 20
"""Reminders of a job: few enough that a worker that is stopped finishes its own."""
AHEAD = {Moment.DAYS_3: "3 days", Moment.DAY_1: "1 day", Moment.HOURS_3: "3 hours"}

PARTS = {
    "AHEAD": AHEAD,
    "EMAIL": f"'{EMAIL}'",
    "LAST_CALL": LAST_CALL.isoformat(),
    "Moment": Moment,
    "SLEEPS": SLEEPS.isoformat(),
    "Status": Status,
    "WAKES": WAKES.isoformat(),
    "now": "CAST(:now AS timestamptz)",
}
"""What the statements may name."""
_FILES = StatementFiles("app.notifications", **PARTS)
_ENQUEUE = _FILES.load("enqueue_reminders")
_ADD_PROGRESS = _FILES.load("add_reminder_progress")


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What a statement enqueued: reminders of how many units, in how many jobs."""

    units: int
    reminders: int
    jobs: int


async def enqueue_some(session: AsyncSession, now: datetime, *, units: int = UNITS) -> Enqueued:
    """Enqueue what is due at units that no other worker looks at, in the caller's transaction."""
    given = {
        "now": now,
        "units": units,
        "batch": BATCH,
        "task": REMIND,
        "priority": LANES[Lane.REMINDERS_EMAIL].priority,
        "mail_lane": Lane.REMINDERS_EMAIL.value,
        "sms_lane": Lane.REMINDERS_SMS.value,
    }
    return Enqueued(*(await session.execute(_ENQUEUE, given)).one())


async def enqueue_due(now: datetime | None = None) -> int:
    """Enqueue all that is due, some units a transaction; returns how many reminders."""
    now, total = now or clock.now(), 0
    async with transaction() as session:
        await session.execute(_ADD_PROGRESS, {"now": now})
    while True:
        async with transaction() as session:
            done = await enqueue_some(session, now)
        if not done.units:
            return total
        total += done.reminders
