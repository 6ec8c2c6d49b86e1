"""The kernel's own scheduled work: partitions ahead, old keys, counters and finished jobs forgotten."""

from datetime import datetime, timedelta

from app.kernel import idempotency, jobs, rate_limits
from app.kernel.db import transaction
from app.kernel.partitions import make_partitions
from app.kernel.settings import get_settings

KEEP_JOBS = timedelta(days=7)


@jobs.periodic("kernel.housekeeping", cron="17 * * * *")
async def housekeeping(due: datetime) -> None:
    """Hourly: make partitions, forget what has had its day."""
    async with transaction() as session:
        await make_partitions(session)
        await idempotency.forget_old(session, get_settings().idempotency_hours)
        await jobs.forget_done(session, due - KEEP_JOBS)
    await rate_limits.forget_expired(due)


@jobs.periodic("kernel.rescue", cron="* * * * *")
async def rescue(_due: datetime) -> None:
    """Every minute: what a dead worker left half-way goes back into the queue."""
    await jobs.rescue()
