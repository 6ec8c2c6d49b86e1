"""The kernel's own scheduled work: partitions ahead, old keys, counters and ended jobs deleted."""

from datetime import datetime, timedelta

from app.kernel import idempotency, rate_limits, worker
from app.kernel.db import transaction
from app.kernel.jobs import delete_ended, periodic, sweep
from app.kernel.partitions import create_partitions
from app.kernel.settings import get_settings

KEEP_JOBS = timedelta(days=7)


@periodic("kernel.partitions", cron="17 * * * *")
async def partitions(_due: datetime) -> None:
    """Hourly: make the coming months' partitions of the event log."""
    async with transaction() as session:
        await create_partitions(session)


@sweep("kernel.housekeeping", cron="19 * * * *")
async def housekeeping(due: datetime) -> None:
    """Hourly: delete what has had its day."""
    async with transaction() as session:
        await idempotency.delete_old_keys(session, get_settings().idempotency_hours)
        await delete_ended(session, due - KEEP_JOBS)
    await rate_limits.delete_expired(due)


@periodic("kernel.stalled-jobs", cron="* * * * *")
async def requeue_stalled_jobs(_due: datetime) -> None:
    """Every minute: what a dead worker left half-way goes back into the queue. By the database's clock alone."""
    await worker.requeue_stalled_jobs()
